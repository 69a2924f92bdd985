import { branchTip, commitOf, openRepository, type Repository } from '../client/repository.ts';
import { missing } from '../errors.ts';
import type { RepoTarget } from '../target.ts';

/** The commit a read is about. */
export interface ReadCommit {
  readonly repository: Repository;
  readonly ref: string;
  readonly commit: string;
}

/** Finds the named commit, or the tip of the target's branch. */
export async function readCommit(
  target: RepoTarget,
  ref: string | undefined,
  signal: AbortSignal,
): Promise<ReadCommit> {
  const repository = await openRepository(target.ports.exec, target.config.path, signal);
  if (ref !== undefined) return { repository, ref, commit: await commitOf(repository, ref, signal) };
  const { branch } = target.config;
  const tip = await branchTip(repository, branch, signal);
  if (tip === undefined) throw missing(`the branch ${branch} does not exist in the repository`);
  return { repository, ref: branch, commit: tip.commit };
}
