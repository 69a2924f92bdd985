import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Applied,
  ConnectorError,
  interruption,
  isLater,
  type ParsedStep,
  type WorkContext,
} from '@countersign/connector-kit';
import type { Json } from '@countersign/protocol';
import type { Container } from './answers.ts';
import type { DockerClient } from './client.ts';
import { RunState, runStateOf } from './kept-state.ts';
import { lastLines } from './logs/last-lines.ts';

/** How long the new process must stay up, and how often that is looked at. */
const stayUpMs = 1000;
const pollMs = 200;

/** What is wrong with the container after its restart; undefined if nothing is. */
export function restartProblem(container: Container, before: RunState, after: RunState): string | undefined {
  const { startedAt, state, exitCode, restartCount, pid } = container;
  if (!isLater(startedAt, before.started_at)) return 'was not started again';
  if (state !== 'running') return `does not run: it is ${state} with exit code ${exitCode}`;
  if (startedAt !== after.started_at || restartCount > after.restart_count) {
    return `crashes: its restart policy had to start it again (exit code ${exitCode})`;
  }
  return pid === 0 || pid === before.pid ? 'has no new process' : undefined;
}

/** Reads back that a new process runs and stays up for a second. Throws E_VERIFY with the container's last log lines. */
export async function verify(
  client: DockerClient,
  _step: ParsedStep,
  before: Json,
  applied: Applied,
  context: WorkContext,
): Promise<Json> {
  const was = RunState.parse(before);
  const after = RunState.parse(applied.after);
  for (let waitedMs = 0; ; waitedMs += pollMs) {
    const container = await client.inspect(was.id, context.signal);
    if (container === undefined) {
      throw new ConnectorError('E_VERIFY', `container ${was.name} is gone after its restart`);
    }
    const problem = restartProblem(container, was, after);
    if (problem !== undefined) throw await verifyError(client, container, problem, context.signal);
    if (waitedMs >= stayUpMs) return runStateOf(container);
    await sleep(pollMs, undefined, { signal: context.signal }).catch(() => {
      throw interruption(context.signal, 'verifying the restart', 'maybe');
    });
  }
}

async function verifyError(
  client: DockerClient,
  container: Container,
  problem: string,
  signal: AbortSignal,
): Promise<ConnectorError> {
  const { name, state, exitCode, restartCount } = container;
  return new ConnectorError('E_VERIFY', `container ${name} ${problem}`, {
    detail: {
      container: name,
      state,
      exit_code: exitCode,
      restart_count: restartCount,
      last_log_lines: await lastLines(client, container, signal),
    },
  });
}
