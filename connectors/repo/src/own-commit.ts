import type { ParsedStep } from '@countersign/connector-kit';
import { type CommitRecord, commitsSince } from './client/history.ts';
import type { Repository } from './client/repository.ts';
import { withScratch } from './client/scratch.ts';
import { type Before, trailerOf } from './intent.ts';

/** The step's commit between the intent's commit and `tip`, known by the trailer in its last line. */
export async function ownCommit(
  repository: Repository,
  step: ParsedStep,
  before: Before,
  tip: string,
  signal: AbortSignal,
): Promise<CommitRecord | undefined> {
  const trailer = trailerOf(step);
  const commits = await withScratch(repository, 'scratch', signal, (scratch) =>
    commitsSince(scratch, before.commit, tip, trailer),
  );
  return commits.find(({ message }) => message.trimEnd().split('\n').at(-1) === trailer);
}
