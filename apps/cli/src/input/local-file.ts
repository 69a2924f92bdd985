import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fromUtf8 } from '@countersign/evidence';
import { inputError } from './input-value.ts';

/** A local file that a command line names, relative to the working folder. E_VALIDATION when it cannot be read. */
export async function readLocalBytes(cwd: string, path: string): Promise<Uint8Array> {
  try {
    return await readFile(resolve(cwd, path));
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw inputError(`@${path}`, `cannot read this local file (${why})`);
  }
}

/** The same as text; refused when it is not UTF-8. */
export async function readLocalText(cwd: string, path: string): Promise<string> {
  const text = fromUtf8(await readLocalBytes(cwd, path));
  if (text === null) throw inputError(`@${path}`, 'is not UTF-8 text');
  return text;
}
