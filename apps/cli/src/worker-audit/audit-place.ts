import { readdir, readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { CodedError } from '@countersign/protocol';
import { dataFolder } from '../connection/settings.ts';
import type { CliDeps } from '../program/deps.ts';

const fileName = /^\d{12}\.jsonl$/;

/** The files of one worker's own audit. */
export interface AuditFolder {
  readonly path: string;
  /** File names, oldest first. */
  readonly files: readonly string[];
}

async function filesIn(path: string): Promise<string[]> {
  const names = await readdir(path).catch(() => []);
  return names.filter((name) => fileName.test(name)).toSorted();
}

async function foldersIn(path: string): Promise<string[]> {
  const names = await readdir(path).catch(() => []);
  const found: string[] = [];
  for (const name of names.toSorted()) {
    if ((await stat(join(path, name))).isDirectory() && (await filesIn(join(path, name))).length > 0) found.push(name);
  }
  return found;
}

/**
 * Finds the files: in the folder that was named, in the one folder below it, or below the data folder. Throws E_VALIDATION where
 * there are none, or those of several workers.
 */
export async function findAuditFolder(deps: CliDeps, named: string | undefined): Promise<AuditFolder> {
  const path = named === undefined ? join(dataFolder(deps), 'worker', 'audit') : resolve(deps.cwd, named);
  const files = await filesIn(path);
  if (files.length > 0) return { path, files };
  const workers = await foldersIn(path);
  const [only] = workers;
  if (only !== undefined && workers.length === 1)
    return { path: join(path, only), files: await filesIn(join(path, only)) };
  const next =
    only === undefined
      ? 'name the folder: worker/audit/NAME in the data folder of the worker (COUNTERSIGN_DATA_DIR)'
      : `name one of them: ${workers.map((worker) => join(path, worker)).join(', ')}`;
  const what = only === undefined ? 'there is no audit of a worker' : 'there are audits of several workers';
  throw new CodedError('E_VALIDATION', `${what} in ${path}`, { field: 'folder', next });
}

/** The bytes of each file, oldest first. */
export async function* auditBytes({ path, files }: AuditFolder): AsyncGenerator<{ file: string; bytes: Buffer }> {
  for (const file of files) yield { file, bytes: await readFile(join(path, file)) };
}
