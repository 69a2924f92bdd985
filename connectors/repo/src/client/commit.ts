import { inRepository, type Repository } from './repository.ts';
import type { Scratch } from './scratch.ts';

/** Who made a commit and when. */
export interface CommitAuthor {
  readonly name: string;
  readonly email: string;
  readonly atMs: number;
}

function identity(author: CommitAuthor): Record<string, string> {
  const date = `@${Math.floor(author.atMs / 1000)} +0000`;
  return {
    GIT_AUTHOR_NAME: author.name,
    GIT_AUTHOR_EMAIL: author.email,
    GIT_AUTHOR_DATE: date,
    GIT_COMMITTER_NAME: author.name,
    GIT_COMMITTER_EMAIL: author.email,
    GIT_COMMITTER_DATE: date,
  };
}

/** Writes a commit object; no ref names it yet. */
export async function writeCommit(
  scratch: Scratch,
  tree: string,
  parent: string,
  message: string,
  author: CommitAuthor,
): Promise<string> {
  const { text } = await scratch.git({
    what: 'write the commit',
    args: ['commit-tree', '--no-gpg-sign', '-p', parent, '-F', '-', tree],
    stdin: message,
    env: identity(author),
  });
  return text.trim();
}

/** A branch's move and the ref that keeps the old commit. */
export interface RefMove {
  readonly ref: string;
  readonly from: string;
  readonly to: string;
  readonly snapshotRef: string;
  readonly reason: string;
  readonly author: CommitAuthor;
}

const moveTimeoutMs = 15_000;

/**
 * Moves a branch from exactly `from` and keeps `from` under the snapshot ref, both in one ref transaction.
 * Answers false if git refused. Cannot be cancelled: a killed transaction would leave its locks behind.
 */
export async function moveRef(repository: Repository, move: RefMove): Promise<{ moved: boolean; why: string }> {
  const { code, stderr } = await inRepository(repository, {
    what: 'move the branch',
    args: ['-c', 'core.fsync=all', 'update-ref', '--create-reflog', '-m', move.reason, '--stdin', '-z'],
    stdin: [
      'start\0',
      `create ${move.snapshotRef}\0${move.from}\0`,
      `update ${move.ref}\0${move.to}\0${move.from}\0`,
      'prepare\0',
      'commit\0',
    ].join(''),
    env: identity(move.author),
    timeoutMs: moveTimeoutMs,
    accept: [0, 1, 128],
  });
  return { moved: code === 0, why: stderr.split('\n')[0] ?? '' };
}
