import { randomUUID } from 'node:crypto';
import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CodedError } from '@countersign/protocol';

/** As much as a small artifact or a bundle's file, so that a volume with a last block free does not count as writable. */
const probeBytes = 64 * 1024;

/** E_STORE that names the volume and what the system said: `ENOSPC`, `EROFS`, `EDQUOT`. */
export function volumeError(volume: string, message: string, cause: unknown): CodedError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
  const next = `Free space on the volume of ${volume}, or make it writable; nothing else is needed.`;
  return new CodedError('E_STORE', message, { volume, code, next }, { cause });
}

/** Writes a file to the disk and removes it; throws E_STORE naming the volume where that cannot be done. */
export async function proveWritable(folder: string, volume: string): Promise<void> {
  const probe = join(folder, `.${randomUUID()}.probe`);
  try {
    await mkdir(folder, { recursive: true });
    const file = await open(probe, 'wx', 0o600);
    try {
      await file.writeFile(Buffer.alloc(probeBytes, 1));
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw volumeError(volume, `The volume of ${volume} takes no file now.`, cause);
  } finally {
    await rm(probe, { force: true }).catch(() => undefined);
  }
}
