import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { CodedError } from '@countersign/protocol';

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
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function holderOf(path: string): number | null {
  try {
    const [pid = '', started = ''] = readFileSync(path, 'utf8').trim().split(' ');
    const id = Number(pid);
    if (!Number.isSafeInteger(id) || id <= 0 || id === process.pid) return null;
    return isAlive(id) && startOf(id) === started ? id : null;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

/**
 * Takes a file that one process at a time has; one that was killed does not keep it. Answers how to give it back. Throws E_STORE
 * while another process has it.
 */
export function takeAuditLock(path: string): () => void {
  const holder = holderOf(path);
  if (holder !== null) {
    throw new CodedError('E_STORE', `process ${holder} writes this worker's audit already (${path})`, {
      next: `end process ${holder}, or give this worker another --name or COUNTERSIGN_DATA_DIR`,
    });
  }
  rmSync(path, { force: true });
  try {
    writeFileSync(path, `${process.pid} ${startOf(process.pid)}\n`, { flag: 'wx', mode: 0o600 });
  } catch (cause) {
    throw new CodedError(
      'E_STORE',
      `another process takes ${path} at this moment`,
      { next: 'start it once' },
      { cause },
    );
  }
  return () => rmSync(path, { force: true });
}
