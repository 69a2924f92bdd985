import type { ParsedStep, WorkContext } from '@countersign/connector-kit';
import type { Json, ReconcileAnswer } from '@countersign/protocol';
import type { Driver, Verb } from '../driver/driver.ts';
import { isUp, type Service } from '../service.ts';
import { Guard, guardAfter, RunState, runStateOf } from './kept-state.ts';
import { requireVerb } from './require-verb.ts';

/** How long a command may be on its way to a manager that does not show it yet. */
const inFlightMs = 15_000;

/** What is known beside the service itself. */
export interface Around {
  /** Whether the command may still be on its way. */
  readonly inFlight: boolean;
  /** By the manager's own record: was the process that ran before ended because somebody asked? */
  readonly asked: boolean | undefined;
}

function restarted(service: Service, was: RunState, { inFlight, asked }: Around): ReconcileAnswer {
  const other = service.start !== '' && service.start !== was.start;
  const attempted = service.attempt !== '' && service.attempt !== was.attempt;
  if (other || attempted) {
    // A restart by hand sets the count of the manager's own restarts back to zero: more of them may be the manager's alone.
    const ours = asked ?? service.restarts <= was.restarts;
    return ours && !service.busy ? 'applied' : 'indeterminate';
  }
  // Stopped but not started: either half of our restart, or it ended by itself.
  const halfWay = service.start !== was.start || service.phase !== was.phase;
  return inFlight || service.busy || halfWay ? 'indeterminate' : 'not_applied';
}

function started(service: Service, was: RunState, { inFlight }: Around): ReconcileAnswer {
  if (service.busy || service.phase === 'starting') return 'indeterminate';
  if (isUp(service)) return 'applied';
  // A start that failed has been had all the same; reading it back tells.
  if (service.phase !== was.phase || service.attempt !== was.attempt) return 'applied';
  return inFlight ? 'indeterminate' : 'not_applied';
}

function stopped(service: Service, was: RunState, { inFlight }: Around): ReconcileAnswer {
  if (service.busy || service.phase === 'stopping') return 'indeterminate';
  if (!isUp(service)) return 'applied';
  // Another start: it was stopped and started again, by whomever.
  const other = was.start !== '' && service.start !== was.start;
  return inFlight || other ? 'indeterminate' : 'not_applied';
}

/** Whether a change was had, from what the service is now. */
export function changeAnswer(verb: Verb, service: Service, was: RunState, around: Around): ReconcileAnswer {
  if (verb === 'restart') return restarted(service, was, around);
  return verb === 'start' ? started(service, was, around) : stopped(service, was, around);
}

/** Reads whether an intent without outcome had its effect. A service that is gone cannot tell. */
export async function reconcile(
  driver: Driver,
  step: ParsedStep,
  intent: { before: Json; guard: Json; recordedAt: number },
  nowMs: number,
  context: WorkContext,
): Promise<{ answer: ReconcileAnswer; after: Json; guard: Json }> {
  const was = RunState.parse(intent.before);
  const service = await driver.inspect(was.name, context.signal);
  if (service === undefined) return { answer: 'indeterminate', after: null, guard: intent.guard };
  const inFlight = nowMs - intent.recordedAt < inFlightMs;
  const verb = requireVerb(step);
  const asked = verb === 'restart' ? await driver.wasAsked(was.name, was, context.signal) : undefined;
  const answer = changeAnswer(verb, service, was, { inFlight, asked });
  return { answer, after: runStateOf(service), guard: guardAfter(Guard.parse(intent.guard), service) };
}
