import { nameOf } from './diff.ts';
import type { Scratch } from './scratch.ts';

/** What is searched for, and where. */
export interface GrepQuery {
  readonly commit: string;
  readonly pattern: string;
  readonly regex: boolean;
  readonly ignoreCase: boolean;
  readonly path: string | undefined;
  readonly maxBytes: number;
}

/** One line that was found. */
export interface GrepHit {
  readonly path: string;
  /** From 1. */
  readonly line: number;
  /** Bytes of the line before the match, from 1. */
  readonly column: number;
  readonly text: string;
}

function hitOf(prefix: number, fields: readonly Buffer[]): GrepHit | undefined {
  const [name, line, column, ...text] = fields;
  if (name === undefined || line === undefined || column === undefined || text.length === 0) return undefined;
  const content = Buffer.concat(text.flatMap((part, index) => (index === 0 ? [part] : [Buffer.from([0]), part])));
  return {
    path: nameOf(name.subarray(prefix)).path,
    line: Number(line.toString('latin1')),
    column: Number(column.toString('latin1')),
    text: content.toString('utf8').replace(/\r$/, ''),
  };
}

function split(bytes: Buffer, separator: number): Buffer[] {
  const parts: Buffer[] = [];
  let from = 0;
  for (let at = bytes.indexOf(separator); at !== -1; at = bytes.indexOf(separator, from)) {
    parts.push(bytes.subarray(from, at));
    from = at + 1;
  }
  return [...parts, bytes.subarray(from)];
}

/** Searches the text files of a commit. Submodules are not entered, binary files are passed over. */
export async function grep(scratch: Scratch, query: GrepQuery): Promise<{ hits: GrepHit[]; truncated: boolean }> {
  const { commit, pattern, regex, ignoreCase, path, maxBytes } = query;
  const kind = [regex ? '--extended-regexp' : '--fixed-strings', ...(ignoreCase ? ['--ignore-case'] : [])];
  const { stdout, truncated } = await scratch.git({
    what: 'search the files',
    args: [
      'grep',
      ...['-I', '--line-number', '--column', '--null', '--full-name', '--no-color', '--no-textconv'],
      ...kind,
      ...['-e', pattern, commit, '--'],
      ...(path === undefined ? [] : [path]),
    ],
    // Case is that of letters, not of bytes.
    env: { LC_ALL: 'C.UTF-8' },
    accept: [0, 1],
    maxBytes,
    mayTruncate: true,
  });
  const lines = split(Buffer.from(stdout.buffer, stdout.byteOffset, stdout.byteLength), 0x0a);
  // The last one is empty, or cut in the middle.
  lines.pop();
  const hits = lines.flatMap((line) => hitOf(commit.length + 1, split(line, 0)) ?? []);
  return { hits, truncated };
}
