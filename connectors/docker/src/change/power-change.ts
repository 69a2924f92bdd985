import { setTimeout as sleep } from 'node:timers/promises';
import { ConnectorError, compareReplay, interruption, isLater } from '@countersign/connector-kit';
import type { Check, Diff, ReconcileAnswer, StepInput } from '@countersign/protocol';
import type { Container } from '../answers.ts';
import type { DockerClient } from '../client.ts';
import { missingError } from '../errors.ts';
import { requireContainer } from '../find-container.ts';
import { Guard, guardAfter, RunState, requireUnmoved, runStateOf } from '../kept-state.ts';
import type { ObservedContainer } from '../observed.ts';
import { type Change, nothingElse, type StepView, type Surroundings } from './change.ts';
import { changedOnce, existence, isThere } from './common-checks.ts';
import { readBack, verifyError } from './read-back.ts';

/** How long a state must last, and how often that is looked at. */
const lastMs = 1000;
const pollMs = 200;

/** What sets restart, stop and start apart. */
export interface Power {
  readonly action: string;
  /** In errors: `container web is gone after its NOUN`. */
  readonly noun: string;
  /** In progress: `restarting web`. */
  readonly doing: string;
  /** The container that inputs name, and the longest time in which the daemon may be at it. */
  inputs(raw: unknown): { readonly container: string; readonly inFlightMs: number };
  stateChecks(view: StepView & { found: { container: Container } }, around: Surroundings): Check[];
  diff(step: number, raw: unknown, container: ObservedContainer): Diff;
  inverse(container: ObservedContainer): StepInput | string;
  send(client: DockerClient, id: string, raw: unknown, signal: AbortSignal): Promise<boolean>;
  problem(container: Container, before: RunState, after: RunState): string | undefined;
  answer(container: Container, before: RunState, inFlight: boolean): ReconcileAnswer;
  /** The state afterwards, for replays; whether a start is among what happened. */
  readonly ends: 'running' | 'exited';
}

function compareStates(power: Power, index: number, was: RunState, is: RunState) {
  const common = [compareReplay(index, 'state after', is.state, power.ends)];
  if (power.ends === 'exited') return [...common, compareReplay(index, 'no process', is.pid, 0)];
  return [
    ...common,
    compareReplay(index, 'started later', isLater(is.started_at, was.started_at), true),
    compareReplay(index, 'another process', is.pid !== 0 && is.pid !== was.pid, true),
  ];
}

/** A change of one container's run state. */
export function powerChange(power: Power): Change {
  return {
    action: power.action,
    look: nothingElse,
    checks: (view, around) => {
      const { found } = view;
      if (!isThere(found)) return [existence(found)];
      return [existence(found), ...power.stateChecks({ ...view, found }, around), ...changedOnce(view, around)];
    },
    diff: (step, facts) => {
      const { container } = power.inputs(step.inputs);
      return power.diff(step.index, step.inputs, facts.requireContainer(container, step.index));
    },
    inverse: (_step, container) => power.inverse(container),
    before: async (client, step, guard, { signal }) => {
      const container = await requireContainer(client, power.inputs(step.inputs).container, signal);
      requireUnmoved(container, Guard.parse(guard));
      return runStateOf(container);
    },
    // Read once more right before: the window in which somebody else's change goes unseen is one call to the daemon wide.
    apply: async (client, step, before, guard, { signal, progress }) => {
      const { id, name } = RunState.parse(before);
      const kept = Guard.parse(guard);
      const container = await client.inspect(id, signal);
      if (container === undefined) throw missingError(name, []);
      requireUnmoved(container, kept);
      progress(`${power.doing} ${name}`);
      if (!(await power.send(client, id, step.inputs, signal))) throw missingError(name, []);
      const after = await readBack(client, id, name, power.noun, signal);
      return { after: runStateOf(after), guard: guardAfter(kept, after) };
    },
    verify: async (client, _step, before, applied, { signal }) => {
      const was = RunState.parse(before);
      const after = RunState.parse(applied.after);
      for (let waitedMs = 0; ; waitedMs += pollMs) {
        const container = await client.inspect(was.id, signal);
        if (container === undefined) {
          throw new ConnectorError('E_VERIFY', `container ${was.name} is gone after its ${power.noun}`);
        }
        const problem = power.problem(container, was, after);
        if (problem !== undefined) throw await verifyError(client, container, problem, signal);
        if (waitedMs >= lastMs) return runStateOf(container);
        await sleep(pollMs, undefined, { signal }).catch(() => {
          throw interruption(signal, `verifying the ${power.noun}`, 'maybe');
        });
      }
    },
    // A container that is gone cannot tell.
    reconcile: async (client, step, intent, now, { signal }) => {
      const before = RunState.parse(intent.before);
      const container = await client.inspect(before.id, signal);
      if (container === undefined) return { answer: 'indeterminate', after: null, guard: intent.guard };
      const inFlight = now() - intent.recordedAt < power.inputs(step.inputs).inFlightMs;
      const answer = power.answer(container, before, inFlight);
      return { answer, after: runStateOf(container), guard: guardAfter(Guard.parse(intent.guard), container) };
    },
    compare: (step, { before, after }, facts) => {
      const { index } = step;
      const observed = facts.requireContainer(power.inputs(step.inputs).container, index);
      const was = RunState.safeParse(before).data;
      const is = RunState.safeParse(after).data;
      if (was === undefined) return [compareReplay(index, 'recorded state before', 'readable', 'not readable')];
      const compared = [
        compareReplay(index, 'container before', was.id, observed.id),
        compareReplay(index, 'state before', was.state, observed.state),
      ];
      // A person's word on the outcome holds no state to compare.
      if (is === undefined) return compared;
      return [
        ...compared,
        compareReplay(index, 'container after', is.id, observed.id),
        ...compareStates(power, index, was, is),
      ];
    },
  };
}
