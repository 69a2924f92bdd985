import { isLater, type ParsedStep, type WorkContext } from '@countersign/connector-kit';
import type { Json, ReconcileAnswer } from '@countersign/protocol';
import type { Container } from './answers.ts';
import type { DockerClient } from './client.ts';
import { Guard, guardAfter, RunState, runStateOf } from './kept-state.ts';
import { RestartInputs } from './manifest.ts';

/** After the stop timeout the daemon kills, waits up to 10 s for that, and starts: until then a restart may be under way. */
const killAndStartMs = 15_000;

/**
 * Whether the restart was had, from the container's own record. A restart by hand sets the count of policy restarts
 * back to zero: a later start with a higher count may be the policy's alone.
 */
export function restartAnswer(container: Container, before: RunState, inFlight: boolean): ReconcileAnswer {
  if (isLater(container.startedAt, before.started_at)) {
    return container.restartCount > before.restart_count ? 'indeterminate' : 'applied';
  }
  // Stopped but not started: either half of our restart, or the container ended by itself.
  const halfWay = container.state !== before.state || container.finishedAt !== before.finished_at;
  return inFlight || halfWay ? 'indeterminate' : 'not_applied';
}

/** Reads whether an intent without outcome had its effect. A container that is gone cannot tell. */
export async function reconcile(
  client: DockerClient,
  step: ParsedStep,
  intent: { before: Json; guard: Json; recordedAt: number },
  nowMs: number,
  context: WorkContext,
): Promise<{ answer: ReconcileAnswer; after: Json; guard: Json }> {
  const before = RunState.parse(intent.before);
  const { stop_timeout_seconds } = RestartInputs.parse(step.inputs);
  const container = await client.inspect(before.id, context.signal);
  if (container === undefined) return { answer: 'indeterminate', after: null, guard: intent.guard };
  const inFlight = nowMs - intent.recordedAt < stop_timeout_seconds * 1000 + killAndStartMs;
  const answer = restartAnswer(container, before, inFlight);
  return { answer, after: runStateOf(container), guard: guardAfter(Guard.parse(intent.guard), container) };
}
