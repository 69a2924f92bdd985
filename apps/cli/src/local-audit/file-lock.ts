import { open, rm, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const waitMs = 5_000;
const staleMs = 10_000;
const pauseMs = 15;

function isExisting(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EEXIST';
}

async function ageMs(path: string, now: () => number): Promise<number> {
  // Gone meanwhile: then it is free, and the next attempt will tell.
  return stat(path).then(
    ({ mtimeMs }) => now() - mtimeMs,
    () => 0,
  );
}

/** Does `work` while holding `path`, a file that exists only as long; one left by a killed process is taken over after 10 s. */
export async function withFileLock<T>(path: string, now: () => number, work: () => Promise<T>): Promise<T> {
  for (let waited = 0; ; waited += pauseMs) {
    try {
      await (await open(path, 'wx', 0o600)).close();
      break;
    } catch (error) {
      if (!isExisting(error)) throw error;
      if ((await ageMs(path, now)) > staleMs) await rm(path, { force: true });
      else if (waited >= waitMs) throw new Error(`${path} is held by another process`, { cause: error });
      else await sleep(pauseMs);
    }
  }
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}
