import type { CommitAuthor } from './commit.ts';
import type { Scratch } from './scratch.ts';

/** A commit as the repository has it. */
export interface CommitRecord {
  readonly commit: string;
  readonly tree: string;
  readonly parents: readonly string[];
  readonly message: string;
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
      '--format=%H%x01%T%x01%P%x01%B',
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
    .map((record) => {
      const [commit = '', tree = '', parents = '', ...message] = record.split('\x01');
      return { commit, tree, parents: parents.split(' ').filter(Boolean), message: message.join('\x01') };
    });
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

/** Whether the blob was ever the content of the path in the history of `tip`. */
export async function blobWasAt(scratch: Scratch, tip: string, path: string, oid: string): Promise<boolean> {
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

/** The type of an object; undefined if there is none. */
export async function objectType(scratch: Scratch, oid: string): Promise<string | undefined> {
  const { code, text } = await scratch.git({
    what: 'find the object',
    args: ['cat-file', '-t', oid],
    accept: [0, 128],
  });
  return code === 0 ? text.trim() : undefined;
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
