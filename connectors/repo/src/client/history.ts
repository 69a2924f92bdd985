import { objectFacts } from './blobs.ts';
import type { CommitAuthor } from './commit.ts';
import type { Scratch } from './scratch.ts';
import { entriesAt } from './tree.ts';

/** A commit as the repository has it. */
export interface CommitRecord {
  readonly commit: string;
  readonly tree: string;
  readonly parents: readonly string[];
  readonly message: string;
}

const recordFormat = '%H%x01%T%x01%P%x01%B';

function recordOf(text: string): CommitRecord {
  const [commit = '', tree = '', parents = '', ...message] = text.split('\x01');
  return { commit, tree, parents: parents.split(' ').filter(Boolean), message: message.join('\x01') };
}

/** Whether `commit` is `tip` or an ancestor of it. */
export async function isAncestor(scratch: Scratch, commit: string, tip: string): Promise<boolean> {
  const { code } = await scratch.git({
    what: 'compare the commits',
    args: ['merge-base', '--is-ancestor', commit, tip],
    // 128: the commit is not there (any more).
    accept: [0, 1, 128],
  });
  return code === 0;
}

/** Commits reachable from `tip` whose message holds `text`, newest first; those reachable from `since` are left out. */
export async function commitsSince(
  scratch: Scratch,
  since: string,
  tip: string,
  text: string,
): Promise<CommitRecord[]> {
  const known = await scratch.git({ what: 'find the commit', args: ['cat-file', '-e', since], accept: [0, 1, 128] });
  const { text: output } = await scratch.git({
    what: 'read the history',
    args: [
      'log',
      '-z',
      `--format=${recordFormat}`,
      '--fixed-strings',
      `--grep=${text}`,
      '--end-of-options',
      tip,
      ...(known.code === 0 ? [`^${since}`] : []),
      '--',
    ],
  });
  return output
    .split('\0')
    .filter((record) => record !== '')
    .map(recordOf);
}

/** Who made a commit and when, to the second; undefined if the commit is not there. */
export async function authorOf(scratch: Scratch, commit: string): Promise<CommitAuthor | undefined> {
  const { code, text } = await scratch.git({
    what: 'read the author',
    args: ['log', '-1', '--no-walk', '--no-mailmap', '--format=%an%x00%ae%x00%at', '--end-of-options', commit, '--'],
    accept: [0, 128],
  });
  const [name, email, seconds] = text.trimEnd().split('\0');
  if (code !== 0 || name === undefined || email === undefined || seconds === undefined) return undefined;
  return { name, email, atMs: Number(seconds) * 1000 };
}

/** A path and a content it may once have had. */
export interface FormerBlob {
  readonly path: string;
  readonly oid: string;
}

const nearCommits = 16;

/** Whether the blob was ever the content of the path in the history of `tip`. */
async function blobWasAt(scratch: Scratch, tip: string, { path, oid }: FormerBlob): Promise<boolean> {
  const { text } = await scratch.git({
    what: 'search the history',
    args: [
      'log',
      '-1',
      '-m',
      '--full-history',
      '--format=%H',
      '--no-textconv',
      '--no-ext-diff',
      `--find-object=${oid}`,
      '--end-of-options',
      tip,
      '--',
      path,
    ],
  });
  return text.trim() !== '';
}

/** Those of the contents that their paths had in the history of `tip`. The last commits are looked at all in one. */
export async function blobsOnceAt(
  scratch: Scratch,
  tip: string,
  wanted: readonly FormerBlob[],
): Promise<Set<FormerBlob>> {
  const known = new Set<FormerBlob>();
  if (wanted.length === 0) return known;
  const { text } = await scratch.git({
    what: 'read the history',
    args: ['rev-list', '--first-parent', `--max-count=${nearCommits}`, '--end-of-options', tip],
  });
  let open = [...wanted];
  for (const commit of text.trim().split('\n')) {
    if (open.length === 0) return known;
    const entries = await entriesAt(
      scratch,
      commit,
      open.map(({ path }) => path),
    );
    for (const each of open) {
      const entry = entries.get(each.path);
      if (entry?.type === 'blob' && entry.oid === each.oid) known.add(each);
    }
    open = open.filter((each) => !known.has(each));
  }
  const facts = await objectFacts(
    scratch,
    open.map(({ oid }) => oid),
  );
  for (const each of open) {
    if (facts.get(each.oid)?.type === 'blob' && (await blobWasAt(scratch, tip, each))) known.add(each);
  }
  return known;
}

/** A commit by its id; undefined if there is none. */
export async function commitRecord(scratch: Scratch, commit: string): Promise<CommitRecord | undefined> {
  const facts = await objectFacts(scratch, [commit]);
  if (facts.get(commit)?.type !== 'commit') return undefined;
  const { text } = await scratch.git({
    what: 'read the commit',
    args: ['log', '-1', '-z', `--format=${recordFormat}`, '--end-of-options', commit, '--'],
  });
  // Where a shallow history ends, git's log shows no parents; the commit itself still names them.
  const { text: raw } = await scratch.git({ what: 'read the commit', args: ['cat-file', 'commit', commit] });
  const header = raw.slice(0, raw.indexOf('\n\n'));
  const parents = [...header.matchAll(/^parent ([0-9a-f]+)$/gm)].map((found) => found[1] ?? '');
  return { ...recordOf(text.replace(/\0$/, '')), parents };
}

/** The first parent of a commit; undefined for a first commit. */
export async function firstParent(scratch: Scratch, commit: string): Promise<string | undefined> {
  const { code, text } = await scratch.git({
    what: 'find the parent',
    args: ['rev-parse', '--verify', '--quiet', '--end-of-options', `${commit}^1`],
    accept: [0, 1],
  });
  return code === 0 ? text.trim() : undefined;
}
