import { branchTip, openRepository } from './client/repository.ts';
import type { RepoTarget } from './target.ts';

/** Whether the repository can be opened and has the branch. Never throws. */
export async function readiness(
  target: RepoTarget,
  signal: AbortSignal,
): Promise<{ status: 'ready' | 'degraded' | 'unavailable'; message: string }> {
  try {
    const repository = await openRepository(target.ports.exec, target.config.path, signal);
    const tip = await branchTip(repository, target.config.branch, signal);
    return tip === undefined
      ? { status: 'degraded', message: `the branch ${target.config.branch} does not exist yet` }
      : { status: 'ready', message: `${target.config.branch} is at ${tip.commit.slice(0, 12)}` };
  } catch (error) {
    return {
      status: 'unavailable',
      message: error instanceof Error ? error.message : 'the repository does not answer',
    };
  }
}
