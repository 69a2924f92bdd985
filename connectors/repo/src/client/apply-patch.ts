import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readBlobs } from './blobs.ts';
import type { runGit } from './git.ts';
import { layOut, type Scratch } from './scratch.ts';
import type { TreeChange, TreeEntry } from './tree.ts';

/** A hunk that git found elsewhere than the patch says. */
export interface MovedHunk {
  /** Place of the file in the patch, from 0. */
  readonly file: number;
  /** Number of the hunk in the file, from 1. */
  readonly hunk: number;
  /** Lines further down; negative is further up. */
  readonly lines: number;
}

/** What git says of a file that it cannot patch; the line is that of the hunk's header in the old file. */
export interface PatchFailure {
  readonly path: string;
  readonly oldStart: number | undefined;
  readonly why: string;
}

export type PatchAnswer =
  | { readonly applied: true; readonly changes: TreeChange[]; readonly moved: MovedHunk[] }
  | { readonly applied: false; readonly failures: PatchFailure[] };

function movedHunks(stderr: string): MovedHunk[] {
  const moved: MovedHunk[] = [];
  let file = -1;
  for (const line of stderr.split('\n')) {
    if (line.startsWith('Checking patch ')) file += 1;
    // A patch is checked whole, then applied whole: the second pass tells the same again.
    if (line.startsWith('Applied patch ')) break;
    const found = /^Hunk #(\d+) succeeded at \d+ \(offset (-?\d+) lines?\)\.$/.exec(line);
    if (found !== null) moved.push({ file, hunk: Number(found[1]), lines: Number(found[2]) });
  }
  return moved;
}

function failuresOf(stderr: string): PatchFailure[] {
  const failures = new Map<string, PatchFailure>();
  for (const line of stderr.split('\n')) {
    const hunk = /^error: patch failed: (.+):(\d+)$/.exec(line);
    const [, path = '', at = ''] = hunk ?? [];
    if (hunk !== null) failures.set(path, { path, oldStart: Number(at), why: 'does not apply' });
    const [, named = '', why = ''] = (hunk === null ? /^error: (.+?): (.+)$/.exec(line) : null) ?? [];
    if (named !== '' && !failures.has(named)) failures.set(named, { path: named, oldStart: undefined, why });
  }
  return [...failures.values()];
}

/**
 * Lets git apply a patch in a repository that holds the files of the patch and nothing else: whatever the patch says, no
 * other content can come into the result. `entries` are the files the patch starts from.
 */
export async function applyPatch(
  scratch: Scratch,
  patch: Uint8Array,
  entries: readonly TreeEntry[],
): Promise<PatchAnswer> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-patch-'));
  const env = { GIT_DIR: folder, GIT_INDEX_FILE: join(folder, 'index'), GIT_OBJECT_DIRECTORY: join(folder, 'objects') };
  const git = (what: string, args: string[], stdin: Uint8Array | string, accept = [0]) =>
    scratch.git({ what, args, stdin, env, accept });
  try {
    await layOut(folder, scratch.repository, null);
    if (entries.length > 0) {
      const oids = [...new Set(entries.map(({ oid }) => oid))];
      await scratch.git({
        what: 'take the files of the patch',
        args: ['pack-objects', '-q', '--window=0', join(folder, 'objects', 'pack', 'pack')],
        stdin: oids.map((oid) => `${oid}\n`).join(''),
      });
      const lines = entries.map(({ path, mode, oid }) => `${mode} ${oid}\t${path}\0`);
      await git('list the files of the patch', ['update-index', '-z', '--index-info'], lines.join(''));
    }
    const options = ['apply', '--cached', '--whitespace=nowarn'];
    const tried = await git('apply the patch', [...options, '-v', '-'], patch, [0, 1, 128]);
    if (tried.code !== 0) {
      // With -v git repeats content of the files, which could be taken for its own words.
      const { stderr } = await git('apply the patch', [...options, '-'], patch, [0, 1, 128]);
      return { applied: false, failures: failuresOf(stderr) };
    }
    return { applied: true, changes: await changesIn(git, scratch, env, entries), moved: movedHunks(tried.stderr) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

type IsolatedGit = (what: string, args: string[], stdin: string) => ReturnType<typeof runGit>;

async function changesIn(
  git: IsolatedGit,
  scratch: Scratch,
  env: Readonly<Record<string, string>>,
  entries: readonly TreeEntry[],
): Promise<TreeChange[]> {
  const { text } = await git('read the result of the patch', ['ls-files', '-s', '-z'], '');
  const before = new Map(entries.map((entry) => [entry.path, entry]));
  const after = text
    .split('\0')
    .filter((line) => line !== '')
    .map((line) => {
      const tab = line.indexOf('\t');
      const [mode = '', oid = ''] = line.slice(0, tab).split(' ');
      return { path: line.slice(tab + 1), mode, oid };
    })
    .filter(({ path, mode, oid }) => before.get(path)?.oid !== oid || before.get(path)?.mode !== mode);
  const kept = new Set(entries.map(({ oid }) => oid));
  const contents = await readBlobs(
    scratch,
    after.map(({ oid }) => oid).filter((oid) => !kept.has(oid)),
    env,
  );
  const stays = new Set(text.split('\0').map((line) => line.slice(line.indexOf('\t') + 1)));
  const gone = entries
    .filter(({ path }) => !stays.has(path))
    .map(({ path }): TreeChange => ({ path, mode: undefined }));
  const made = after.map(({ path, mode, oid }): TreeChange => {
    const content = contents.get(oid);
    return content === undefined ? { path, mode, oid } : { path, mode, content };
  });
  return [...gone, ...made];
}
