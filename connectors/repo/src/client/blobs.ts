import { refused } from '../errors.ts';
import type { Scratch } from './scratch.ts';

const newline = 0x0a;
const maxBatchBytes = 256 * 1024 * 1024;

/** What git knows of an object without reading it. */
export interface ObjectFacts {
  readonly type: string;
  readonly sizeBytes: number;
}

function oidLines(oids: readonly string[]): string {
  return oids.map((oid) => `${oid}\n`).join('');
}

/** Type and size of objects, by id; a missing one is not in the map. */
export async function objectFacts(scratch: Scratch, oids: readonly string[]): Promise<Map<string, ObjectFacts>> {
  const unique = [...new Set(oids)];
  const found = new Map<string, ObjectFacts>();
  if (unique.length === 0) return found;
  const { text } = await scratch.git({
    what: 'look up the objects',
    args: ['cat-file', '--batch-check', '--buffer'],
    stdin: oidLines(unique),
  });
  for (const line of text.split('\n')) {
    const [oid = '', type = '', size = ''] = line.split(' ');
    if (/^\d+$/.test(size)) found.set(oid, { type, sizeBytes: Number(size) });
  }
  return found;
}

/** Contents of blobs, by id, in one command. */
export async function readBlobs(
  scratch: Scratch,
  oids: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Map<string, Buffer>> {
  const unique = [...new Set(oids)];
  const found = new Map<string, Buffer>();
  if (unique.length === 0) return found;
  const { stdout } = await scratch.git({
    what: 'read the files',
    args: ['cat-file', '--batch', '--buffer'],
    stdin: oidLines(unique),
    maxBytes: maxBatchBytes,
    env,
  });
  const bytes = Buffer.from(stdout.buffer, stdout.byteOffset, stdout.byteLength);
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf(newline, at);
    const [oid = '', type = '', size = ''] = bytes.subarray(at, end).toString('latin1').split(' ');
    if (end === -1 || type !== 'blob') throw refused(`git cannot read the content ${oid}`);
    const start = end + 1;
    found.set(oid, bytes.subarray(start, start + Number(size)));
    at = start + Number(size) + 1;
  }
  return found;
}
