import { ConnectorError } from '@countersign/connector-kit';
import type { Driver } from './driver/driver.ts';

/** Whether the service manager answers, which it is, and in how many milliseconds. Never throws. */
export async function readiness(
  driver: (signal: AbortSignal) => Promise<Driver>,
  now: () => number,
  signal: AbortSignal,
): Promise<{ status: 'ready' | 'unavailable'; message: string }> {
  const startedAt = now();
  try {
    const version = await (await driver(signal)).version(signal);
    return { status: 'ready', message: `${version}, answered in ${now() - startedAt} ms` };
  } catch (cause) {
    return {
      status: 'unavailable',
      message: cause instanceof ConnectorError ? cause.message : 'the readiness check failed',
    };
  }
}
