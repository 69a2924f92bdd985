import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { HostCodes } from '@countersign/engine';
import type { Clock } from '@countersign/kernel';

const keptMs = 10 * 60_000;

/** One-time codes as files in the data folder that only the server's own account reads. Old ones go when a new one comes. */
export function openHostCodes(dataDir: string, clock: Clock): HostCodes {
  const folder = join(dataDir, 'step-up');
  const pathOf = (id: string): string => join(folder, `${id}.code`);
  return {
    async write(id, code) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      for (const name of await readdir(folder)) {
        const path = join(folder, name);
        const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }));
        if (clock.now() - mtimeMs > keptMs) await rm(path, { force: true });
      }
      const path = pathOf(id);
      await writeFile(path, `${code}\n`, { mode: 0o600, flag: 'wx' });
      return path;
    },
    remove: (id) => rm(pathOf(id), { force: true }),
  };
}
