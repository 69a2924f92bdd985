import { ConnectorError, interruption } from '@countersign/connector-kit';
import type { Container } from '../answers.ts';
import type { DockerClient } from '../client.ts';
import { lastLines } from '../logs/last-lines.ts';

/** Reads a container after a change. Unlike that of other reads, its failure cannot promise that there was no effect. */
export async function readBack(
  client: DockerClient,
  id: string,
  name: string,
  noun: string,
  signal: AbortSignal,
): Promise<Container> {
  try {
    const container = await client.inspect(id, signal);
    if (container !== undefined) return container;
  } catch (cause) {
    if (signal.aborted) throw interruption(signal, `reading back the ${noun}`, 'maybe');
    throw new ConnectorError('E_TARGET_UNREACHABLE', `container ${name} had its ${noun}, but cannot be read now`, {
      cause,
    });
  }
  throw new ConnectorError('E_VERIFY', `container ${name} is gone after its ${noun}`);
}

/** E_VERIFY with what the container says of its end: state, exit code, last log lines. */
export async function verifyError(
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
