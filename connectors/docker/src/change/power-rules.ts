import { isLater } from '@countersign/connector-kit';
import type { ReconcileAnswer } from '@countersign/protocol';
import type { Container } from '../answers.ts';
import type { RunState } from '../kept-state.ts';

/** What is wrong with a container that was started; undefined if nothing is. */
export function startedProblem(container: Container, before: RunState, after: RunState): string | undefined {
  const { startedAt, state, exitCode, restartCount, pid } = container;
  if (!isLater(startedAt, before.started_at)) return 'was not started again';
  if (state !== 'running') return `does not run: it is ${state} with exit code ${exitCode}`;
  if (startedAt !== after.started_at || restartCount > after.restart_count) {
    return `crashes: its restart policy had to start it again (exit code ${exitCode})`;
  }
  return pid === 0 || pid === before.pid ? 'has no new process' : undefined;
}

/** What is wrong with a container that was stopped; undefined if nothing is. */
export function stoppedProblem({ state }: Container): string | undefined {
  return state === 'exited' ? undefined : `was stopped, but is ${state}: something started it again`;
}

/**
 * Whether a start was had, from the container's own record. A start by hand sets the count of policy restarts back to
 * zero: a later start with a higher count may be the policy's alone. `halfWay` says what else may be ours.
 */
export function startedAnswer(container: Container, before: RunState, inFlight: boolean): ReconcileAnswer {
  if (isLater(container.startedAt, before.started_at)) {
    return container.restartCount > before.restart_count ? 'indeterminate' : 'applied';
  }
  // Stopped but not started: either half of our restart, or the container ended by itself.
  const halfWay = container.state !== before.state || container.finishedAt !== before.finished_at;
  return inFlight || halfWay ? 'indeterminate' : 'not_applied';
}

/** Whether a stop was had. One that ended by itself meanwhile stands as the stop would have left it. */
export function stoppedAnswer(container: Container, before: RunState, inFlight: boolean): ReconcileAnswer {
  if (container.startedAt !== before.started_at) return 'indeterminate';
  if (container.state === 'exited' || container.state === 'dead') return 'applied';
  return inFlight ? 'indeterminate' : 'not_applied';
}
