import { randomBytes } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { CodedError } from '@countersign/protocol';
import { writeOnce } from '../../keys/write-durably.ts';

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

/** When a process began, in ticks since the machine did: a process id alone may be another's by now. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold spaces; the start is the 20th field behind it.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    // It is gone, or this is no Linux.
    return '';
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return isCode(error, 'EPERM');
  }
}

/** What a lock says; null where there is none. */
function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isCode(error, 'ENOENT')) return null;
    throw error;
  }
}

/** The process that has a lock; null where it is gone. */
function holderOf(text: string): number | null {
  const [pid = '', started = ''] = text.trim().split(' ');
  const id = Number(pid);
  if (!Number.isSafeInteger(id) || id <= 0 || id === process.pid) return null;
  return isAlive(id) && startOf(id) === started ? id : null;
}

/** Takes away a lock whose holder is gone, and no other: it is looked at once more where nobody else finds it. */
function removeLeft(path: string): void {
  const left = textOf(path);
  if (left === null) return;
  const holder = holderOf(left);
  if (holder !== null) {
    throw new CodedError('E_STORE', `process ${holder} writes this worker's audit already (${path})`, {
      next: `end process ${holder}, or give this worker another --name or COUNTERSIGN_DATA_DIR`,
    });
  }
  const aside = `${path}.${randomBytes(6).toString('hex')}.left`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if (isCode(error, 'ENOENT')) return;
    throw error;
  }
  const isLeft = textOf(aside) === left;
  try {
    if (!isLeft) linkSync(aside, path);
  } finally {
    rmSync(aside, { force: true });
  }
}

function unwritable(path: string, cause: unknown): CodedError {
  const why = cause instanceof Error ? cause.message : String(cause);
  const next = `make ${dirname(path)} writable and let it have room`;
  return new CodedError('E_STORE', `the worker's audit lock cannot be written: ${why}`, { next }, { cause });
}

/**
 * Takes a file that one process at a time has; one that was killed does not keep it. Answers how to give it back. Throws E_STORE
 * while another process has it, and where it cannot be written. Processes of another container are not seen.
 */
export function takeAuditLock(path: string): () => void {
  const own = `${process.pid} ${startOf(process.pid)}\n`;
  let taken: boolean;
  try {
    removeLeft(path);
    writeOnce(path, own);
    taken = textOf(path) === own;
  } catch (error) {
    throw error instanceof CodedError ? error : unwritable(path, error);
  }
  if (!taken)
    throw new CodedError('E_STORE', `another process takes ${path} at this moment`, { next: 'start it once' });
  return () => {
    if (textOf(path) === own) rmSync(path, { force: true });
  };
}
