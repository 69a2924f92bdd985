import { ConnectorError } from '@countersign/connector-kit';
import type { DockerClient } from './client.ts';

/** Whether the daemon answers, its version, and in how many milliseconds. Never throws. */
export async function readiness(
  client: DockerClient,
  now: () => number,
  signal: AbortSignal,
): Promise<{ status: 'ready' | 'degraded' | 'unavailable'; message: string }> {
  const startedAt = now();
  try {
    await client.ping(signal);
  } catch (cause) {
    return { status: 'unavailable', message: reason(cause) };
  }
  try {
    const { version, apiVersion } = await client.version(signal);
    return { status: 'ready', message: `Docker ${version}, API ${apiVersion}, answered in ${now() - startedAt} ms` };
  } catch (cause) {
    return { status: 'degraded', message: `answers a ping, but: ${reason(cause)}` };
  }
}

function reason(cause: unknown): string {
  return cause instanceof ConnectorError ? cause.message : 'the readiness check failed';
}
