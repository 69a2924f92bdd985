import { ConnectorError } from '@countersign/connector-kit';
import type { Jcmd } from './jcmd/jcmd.ts';

/** Whether jcmd answers, how many JVMs it sees, and in how many milliseconds. Never throws. */
export async function readiness(
  jcmd: Jcmd,
  now: () => number,
  signal: AbortSignal,
): Promise<{ status: 'ready' | 'unavailable'; message: string }> {
  const startedAt = now();
  try {
    const { length } = await jcmd.list(signal);
    return {
      status: 'ready',
      message: `jcmd sees ${length} JVM${length === 1 ? '' : 's'}, answered in ${now() - startedAt} ms`,
    };
  } catch (cause) {
    return {
      status: 'unavailable',
      message: cause instanceof ConnectorError ? cause.message : 'the readiness check failed',
    };
  }
}
