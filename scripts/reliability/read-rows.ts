import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type FaultRow, faultRow } from '@countersign/testing/fault';

/** What fault tests left: their rows, and when the last of them was written. */
export interface Evidence {
  readonly rows: readonly FaultRow[];
  /** Epoch milliseconds; null where nothing was left. */
  readonly at: number | null;
}

/** Reads every row below a folder. A file that is no row is an error: what cannot be read is no evidence. */
export async function readRows(folder: string): Promise<Evidence> {
  const names = await readdir(folder, { recursive: true }).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  });
  const files = names.filter((name) => name.endsWith('.json')).map((name) => join(folder, name));
  const rows = await Promise.all(files.map(async (file) => faultRow.parse(JSON.parse(await readFile(file, 'utf8')))));
  const times = await Promise.all(files.map(async (file) => (await stat(file)).mtimeMs));
  return { rows, at: times.length === 0 ? null : Math.max(...times) };
}
