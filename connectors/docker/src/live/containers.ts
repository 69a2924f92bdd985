import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { busyboxImage, dockerSocket, waitUntil } from '@countersign/testing';

const execute = promisify(execFile);

/** Runs the docker command line against the tests' daemon, past the connector; answers its stdout. */
export async function docker(...args: readonly string[]): Promise<string> {
  const { stdout } = await execute('docker', ['-H', `unix://${dockerSocket()}`, ...args], {
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout.trim();
}

/** A container of a test. Its process says `started` in the log each time it starts. */
export interface LiveContainer extends AsyncDisposable {
  readonly name: string;
  readonly id: string;
  /** Starts since it was made, counted in its log. */
  starts(): Promise<number>;
  /** Docker's own word on its run state. */
  state(): Promise<string>;
}

/** Stops at once on SIGTERM, otherwise runs for ever. */
export const untilStopped = 'trap "exit 0" TERM; while :; do sleep 0.05; done';

/** Runs `script` in a shell in a container of its own; `await using` removes it. */
export async function runContainer(script: string, options: readonly string[] = []): Promise<LiveContainer> {
  const name = `countersign-${randomUUID().slice(0, 8)}`;
  const command = ['sh', '-c', `echo started; ${script}`];
  const id = await docker('run', '-d', '--name', name, ...options, busyboxImage, ...command);
  const starts = async (): Promise<number> => {
    const log = await docker('logs', id);
    return log.split('\n').filter((line) => line.trim() === 'started').length;
  };
  await waitUntil(`${name} has started`, async () => (await starts()) > 0);
  return {
    name,
    id,
    starts,
    state: () => docker('inspect', '--format', '{{json .State}}', id),
    [Symbol.asyncDispose]: async () => {
      // A test may have removed it already.
      await docker('rm', '-f', id).catch(() => undefined);
    },
  };
}
