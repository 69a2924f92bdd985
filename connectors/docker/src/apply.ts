import {
  type Applied,
  ConnectorError,
  interruption,
  type ParsedStep,
  type WorkContext,
} from '@countersign/connector-kit';
import type { Json } from '@countersign/protocol';
import type { Container } from './answers.ts';
import type { DockerClient } from './client.ts';
import { missingError } from './errors.ts';
import { requireContainer } from './find-container.ts';
import { Guard, guardAfter, RunState, requireUnmoved, runStateOf } from './kept-state.ts';
import { RestartInputs } from './manifest.ts';

/** The container's run state before the restart; throws E_PLAN_STALE if it moved since it was observed. */
export async function before(
  client: DockerClient,
  step: ParsedStep,
  guard: Json,
  context: WorkContext,
): Promise<RunState> {
  const { container: reference } = RestartInputs.parse(step.inputs);
  const container = await requireContainer(client, reference, context.signal);
  requireUnmoved(container, Guard.parse(guard));
  return runStateOf(container);
}

/**
 * Restarts the container by its id. It is read once more right before: the window in which somebody else's restart goes
 * unseen is one call to the daemon wide.
 */
export async function apply(
  client: DockerClient,
  step: ParsedStep,
  before: Json,
  guard: Json,
  context: WorkContext,
): Promise<Applied> {
  const { stop_timeout_seconds } = RestartInputs.parse(step.inputs);
  const { id, name } = RunState.parse(before);
  const kept = Guard.parse(guard);
  const { signal } = context;
  const container = await client.inspect(id, signal);
  if (container === undefined) throw missingError(name, []);
  requireUnmoved(container, kept);
  context.progress(`restarting ${name}`);
  if (!(await client.restart(id, stop_timeout_seconds, signal))) throw missingError(name, []);
  const after = await readBack(client, id, name, signal);
  return { after: runStateOf(after), guard: guardAfter(kept, after) };
}

/** Reads a restarted container. Unlike that of other reads, its failure cannot promise that there was no effect. */
async function readBack(client: DockerClient, id: string, name: string, signal: AbortSignal): Promise<Container> {
  try {
    const container = await client.inspect(id, signal);
    if (container !== undefined) return container;
  } catch (cause) {
    if (signal.aborted) throw interruption(signal, 'reading back the restart', 'maybe');
    throw new ConnectorError('E_TARGET_UNREACHABLE', `container ${name} was restarted, but cannot be read now`, {
      cause,
    });
  }
  throw new ConnectorError('E_VERIFY', `container ${name} is gone after its restart`);
}
