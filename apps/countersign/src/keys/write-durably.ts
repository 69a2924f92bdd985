import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, openSync, renameSync, unlinkSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** Makes renames and new names in a folder durable. */
export function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function writePartial(file: string, text: string): string {
  const partial = `${file}.${randomBytes(6).toString('hex')}.partial`;
  const handle = openSync(partial, 'wx', 0o600);
  try {
    writeSync(handle, text);
    fsyncSync(handle);
  } catch (error) {
    unlinkSync(partial);
    throw error;
  } finally {
    closeSync(handle);
  }
  return partial;
}

/** Writes a private file whole and durably, in place of one that is there. */
export function writeDurably(file: string, text: string): void {
  renameSync(writePartial(file, text), file);
  syncFolder(dirname(file));
}

/** The same, but a file that is there stays: of concurrent first starts one wins. */
export function writeOnce(file: string, text: string): void {
  const partial = writePartial(file, text);
  try {
    linkSync(partial, file);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    unlinkSync(partial);
  }
  syncFolder(dirname(file));
}
