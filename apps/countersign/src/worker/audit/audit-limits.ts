import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { auditFiles } from './audit-end.ts';

/** Bytes of one file, and of all of them: the oldest file goes when there would be more. */
export interface AuditLimits {
  readonly fileBytes: number;
  readonly totalBytes: number;
}
export const defaultLimits: AuditLimits = { fileBytes: 16_000_000, totalBytes: 256_000_000 };

/** Removes the oldest files until another one has room. */
export async function makeRoom(folder: string, { fileBytes, totalBytes }: AuditLimits): Promise<void> {
  let total = fileBytes;
  for (const name of (await auditFiles(folder)).toReversed()) {
    const path = join(folder, name);
    total += (await stat(path)).size;
    if (total > totalBytes) await rm(path);
  }
}
