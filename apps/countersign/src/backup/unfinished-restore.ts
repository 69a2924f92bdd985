import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CodedError } from '@countersign/protocol';

/** Stands in a data folder from before the first file of a restore until after its last. */
export const unfinishedRestore = 'restore.unfinished';

/** Says in the folder that what stands there is not whole yet. */
export async function beginRestore(dataDir: string): Promise<void> {
  const text = 'A restore has begun here and has not ended.\n';
  await writeFile(join(dataDir, unfinishedRestore), text, { mode: 0o600, flush: true });
}

export async function endRestore(dataDir: string): Promise<void> {
  await rm(join(dataDir, unfinishedRestore));
}

/** Throws E_CONFIG on a folder whose restore was killed: a server there would go on without panic mode and with half of its log. */
export function refuseUnfinishedRestore(dataDir: string): void {
  if (!existsSync(join(dataDir, unfinishedRestore))) return;
  throw new CodedError('E_CONFIG', `a restore into ${dataDir} was broken off`, {
    field: 'COUNTERSIGN_DATA_DIR',
    next: 'remove the folder (and empty the database of DATABASE_URL), then restore again',
  });
}
