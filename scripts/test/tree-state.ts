import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { repositoryRoot } from '../repository-root.ts';

function git(...args: readonly string[]): string {
  return execFileSync('git', args, { cwd: repositoryRoot, encoding: 'utf8', maxBuffer: 1 << 28 });
}

/**
 * Digest of everything that a test can depend on: the commit's tree, what was installed by it, and the runtime. Null where a
 * file differs from the commit or is unknown to git, for then the commit does not tell what was tested.
 */
export function treeState(): string | null {
  if (git('status', '--porcelain') !== '') return null;
  return createHash('sha256').update(git('rev-parse', 'HEAD^{tree}')).update(process.version).digest('hex');
}
