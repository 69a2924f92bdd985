import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CodedError } from '@countersign/protocol';
import { withFileLock } from './file-lock.ts';
import { type ChainLink, chainStart, formatLine, type LocalEvent, readLink } from './local-entry.ts';

/** Where the local audit file of a data folder is. */
export function localAuditPath(dataFolder: string): string {
  return join(dataFolder, 'local-audit.jsonl');
}

const tailBytes = 64 * 1024;

/** The chain's last link; null for an empty file. Reads only the end of the file. */
async function lastLink(file: FileHandle, path: string): Promise<ChainLink | null> {
  const { size } = await file.stat();
  if (size === 0) return null;
  const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.min(size, tailBytes)), {
    position: Math.max(0, size - tailBytes),
  });
  const lines = buffer.subarray(0, bytesRead).toString('utf8').split('\n');
  const link = lines.pop() === '' ? readLink(lines.pop() ?? '') : null;
  if (link === null) throw new Error(`the last line of ${path} is damaged`);
  return link;
}

/**
 * Appends one line to the hash-chained file (mode 0600) and waits until it is on the disk.
 *
 * @throws CodedError E_STORE when it cannot be written: then nothing may be asked of the server.
 */
export async function appendLocalAudit(path: string, event: LocalEvent, now: () => number): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await withFileLock(`${path}.lock`, now, async () => {
      const file = await open(path, 'a+', 0o600);
      try {
        const last = await lastLink(file, path);
        const link = { seq: last === null ? 0 : last.seq + 1, prev: last?.hash ?? chainStart, at: now() };
        await file.appendFile(`${formatLine(event, link)}\n`, 'utf8');
        await file.sync();
      } finally {
        await file.close();
      }
    });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const next = `make ${path} writable, or set COUNTERSIGN_DATA_DIR; check it with: countersign audit verify --local`;
    throw new CodedError('E_STORE', `the local audit file cannot be written: ${why}`, { next }, { cause });
  }
}
