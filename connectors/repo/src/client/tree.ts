import { refused } from '../errors.ts';
import type { Scratch } from './scratch.ts';

/** One entry of a tree. */
export interface TreeEntry {
  readonly path: string;
  readonly mode: string;
  readonly type: 'blob' | 'tree' | 'commit';
  readonly oid: string;
  /** Null for anything but a blob, and where sizes were not asked for. */
  readonly sizeBytes: number | null;
}

/** What a path becomes: a file with a mode and either bytes or a blob that is there already, or nothing. */
export type TreeChange =
  | { readonly path: string; readonly mode: string; readonly content: Uint8Array }
  | { readonly path: string; readonly mode: string; readonly oid: string }
  | { readonly path: string; readonly mode: undefined };

/** A command line holds so many bytes of paths and more. */
const pathBytesPerCall = 400_000;

function batches(paths: readonly string[]): string[][] {
  const found: string[][] = [];
  let room = 0;
  for (const path of paths) {
    room -= Buffer.byteLength(path) + 9;
    if (room < 0) {
      found.push([]);
      room = pathBytesPerCall;
    }
    found.at(-1)?.push(path);
  }
  return found;
}

function parseEntry(line: string): TreeEntry {
  const found = /^(\d+) (blob|tree|commit) ([0-9a-f]+)(?: +(-|\d+))?\t(.+)$/s.exec(line);
  const [, mode, type, oid, size, path] = found ?? [];
  if (mode === undefined || oid === undefined || path === undefined) throw refused('git lists a tree in an odd way');
  const kind = type === 'tree' || type === 'commit' ? type : 'blob';
  return { path, mode, type: kind, oid, sizeBytes: size === undefined || size === '-' ? null : Number(size) };
}

function parseEntries(text: string): TreeEntry[] {
  return text
    .split('\0')
    .filter((line) => line !== '')
    .map(parseEntry);
}

/** Entries at these paths of a commit or tree; a path without entry is not in the map. */
export async function entriesAt(
  scratch: Scratch,
  treeish: string,
  paths: readonly string[],
): Promise<Map<string, TreeEntry>> {
  const found = new Map<string, TreeEntry>();
  for (const some of batches([...new Set(paths)].sort())) {
    const { text } = await scratch.git({
      what: 'look up the paths',
      args: ['ls-tree', '-z', '-t', '--full-tree', treeish, '--', ...some],
    });
    for (const entry of parseEntries(text)) found.set(entry.path, entry);
  }
  return found;
}

/** The file at a path; undefined where there is nothing, or a folder. */
export function fileAt(entries: ReadonlyMap<string, TreeEntry>, path: string): TreeEntry | undefined {
  const entry = entries.get(path);
  return entry?.type === 'tree' ? undefined : entry;
}

/** All entries of a tree object, optionally with those of its folders. */
export async function listTree(scratch: Scratch, tree: string, recursive: boolean): Promise<TreeEntry[]> {
  const flags = recursive ? ['-r', '-t'] : [];
  const { text } = await scratch.git({
    what: 'list the tree',
    args: ['ls-tree', '-z', '-l', '--full-tree', ...flags, tree],
  });
  return parseEntries(text);
}

/** The tree object of a commit. */
export async function treeOf(scratch: Scratch, commit: string): Promise<string> {
  const { text } = await scratch.git({
    what: 'read the commit',
    args: ['rev-parse', '--verify', '--end-of-options', `${commit}^{tree}`],
  });
  return text.trim();
}

/** Writes contents as blobs, bytes as they are, in one command without files of their own; answers their ids in order. */
async function writeBlobs(scratch: Scratch, contents: readonly Uint8Array[]): Promise<string[]> {
  if (contents.length === 0) return [];
  const parts = contents.flatMap((content, index) => [
    Buffer.from(`blob\nmark :${index + 1}\ndata ${content.length}\n`),
    content,
    Buffer.from(`\nget-mark :${index + 1}\n`),
  ]);
  const { text } = await scratch.git({
    what: 'write the files',
    args: ['fast-import', '--quiet', '--done', '--date-format=raw'],
    stdin: Buffer.concat([...parts, Buffer.from('done\n')]),
  });
  const oids = text.trimEnd().split('\n');
  if (oids.length !== contents.length) throw refused('git wrote another number of files than it was given');
  return oids;
}

/** Writes the tree that has these changes on top of a base tree; answers its id. */
export async function writeTree(scratch: Scratch, base: string, changes: readonly TreeChange[]): Promise<string> {
  const contents = changes.flatMap((change) => ('content' in change ? [change.content] : []));
  const written = (await writeBlobs(scratch, contents)).values();
  const nothing = '0'.repeat(base.length);
  // What goes makes room first: a file may become a folder.
  const ordered = [
    ...changes.filter(({ mode }) => mode === undefined),
    ...changes.filter(({ mode }) => mode !== undefined),
  ];
  const lines = ordered.map((change) => {
    if (change.mode === undefined) return `0 ${nothing}\t${change.path}\0`;
    const oid = 'oid' in change ? change.oid : written.next().value;
    return `${change.mode} ${oid}\t${change.path}\0`;
  });
  await scratch.git({ what: 'read the tree', args: ['read-tree', '--no-recurse-submodules', base] });
  await scratch.git({ what: 'change the tree', args: ['update-index', '-z', '--index-info'], stdin: lines.join('') });
  const { text } = await scratch.git({ what: 'write the tree', args: ['write-tree'] });
  return text.trim();
}

/** The tree without entries. */
export async function emptyTree(scratch: Scratch): Promise<string> {
  const { text } = await scratch.git({ what: 'write the empty tree', args: ['mktree'] });
  return text.trim();
}
