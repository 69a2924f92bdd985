import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  digestText,
  readWorkerAuditLine,
  workerAuditHash,
  workerAuditLines,
  workerAuditStart,
} from '@countersign/evidence';
import { nodeSha256 } from '@countersign/evidence/node';
import type { WorkerAuditBody } from '@countersign/protocol';

const fileName = /^\d{12}\.jsonl$/;

/** The file of an audit whose first entry has this number. */
export function auditFile(firstSeq: number): string {
  return `${String(firstSeq).padStart(12, '0')}.jsonl`;
}

/** The files of one worker's audit, oldest first. */
export async function auditFiles(folder: string): Promise<string[]> {
  const names = await readdir(folder);
  return names.filter((name) => fileName.test(name)).toSorted();
}

/** Where an audit is gone on with. */
export interface AuditEnd {
  /** The newest file; null where there is none. */
  readonly file: string | null;
  readonly sizeBytes: number;
  /** The number of the next entry, and what it follows. */
  readonly seq: number;
  readonly prev: string;
  /** Whether the last whole line is. */
  readonly signed: boolean;
  /** What stands behind the last whole line. */
  readonly torn: WorkerAuditBody['torn'];
  /** Whether the file ends within a line, which has to be closed first. */
  readonly unclosed: boolean;
}

const start = { seq: 0, prev: workerAuditStart, signed: false };

/** What follows the last whole line of some bytes, and how many bytes it and everything before it take. */
function lastWhole(bytes: Uint8Array): (Pick<AuditEnd, 'seq' | 'prev' | 'signed'> & { end: number }) | null {
  let end = bytes.length;
  for (const line of workerAuditLines(bytes).toReversed()) {
    const read = readWorkerAuditLine(line);
    const at = line.byteOffset - bytes.byteOffset;
    if (read.ok) {
      const { seq, signature } = read.value;
      return { seq: seq + 1, prev: workerAuditHash(line, nodeSha256), signed: signature !== null, end };
    }
    end = at;
  }
  return null;
}

/** Finds where an audit ends. What was not written whole, as by a process that was killed, stays where it is and is named. */
export async function findAuditEnd(folder: string): Promise<AuditEnd> {
  const [file = null, before = null] = (await auditFiles(folder)).toReversed();
  if (file === null) return { file, sizeBytes: 0, ...start, torn: null, unclosed: false };
  const bytes = await readFile(join(folder, file));
  const last = lastWhole(bytes);
  // A new file's first line may be the torn one: then the file before tells.
  const earlier = last ?? (before === null ? null : lastWhole(await readFile(join(folder, before))));
  const unclosed = bytes.length > 0 && bytes.at(-1) !== 0x0a;
  const rest = bytes.subarray(last?.end ?? 0, unclosed ? bytes.length : bytes.length - 1);
  const isTorn = (last?.end ?? 0) < bytes.length;
  return {
    file,
    sizeBytes: bytes.length,
    seq: earlier?.seq ?? start.seq,
    prev: earlier?.prev ?? start.prev,
    signed: earlier?.signed ?? start.signed,
    torn: isTorn ? { bytes: rest.length, sha256: digestText(nodeSha256(rest)), closed: !unclosed } : null,
    unclosed,
  };
}
