import { ConnectorError } from '@countersign/connector-kit';
import type { PlanBody } from '@countersign/protocol';
import { shallowFile } from '../client/repository.ts';
import type { Scratch } from '../client/scratch.ts';
import { missing, refused } from '../errors.ts';

const next = 'replay on a full clone that still has the commit the plan was made on';

/** The branch and the commit that a plan was made on, as its own preconditions say. */
export function plannedBase(plan: PlanBody): { branch: string; commit: string } {
  const found = plan.preconditions.find(({ kind }) => kind === 'git.branch');
  const commit = found?.observed['commit'];
  if (found === undefined || typeof commit !== 'string')
    throw refused('the plan does not say which commit it was made on');
  return { branch: found.resource.replace(/^refs\/heads\//, ''), commit };
}

/** Refuses unless the commit is there. */
export async function requireBase(scratch: Scratch, commit: string): Promise<void> {
  const { code } = await scratch.git({
    what: 'find the commit before',
    args: ['cat-file', '-e', `${commit}^{commit}`],
    accept: [0, 1, 128],
  });
  if (code !== 0) throw missing(`the repository does not have ${commit}, the commit before the change`, next);
}

async function anObjectIsMissing(scratch: Scratch, commit: string): Promise<boolean> {
  const { code, text } = await scratch.git({
    what: 'look for missing objects',
    args: ['rev-list', '--objects', '--no-walk', '--missing=print', '--end-of-options', commit],
    accept: [0, 1, 128],
  });
  return code !== 0 || text.split('\n').some((line) => line.startsWith('?'));
}

/** What a failure on the way means where the repository lacks objects: not that the change differs, but that it cannot be told. */
export async function withoutObjects(scratch: Scratch, commit: string, error: unknown): Promise<unknown> {
  if (!(error instanceof ConnectorError) || error.code !== 'E_TARGET_REFUSED') return error;
  if (await anObjectIsMissing(scratch, commit)) {
    return missing(`objects of ${commit} are missing from the repository (pruned, or a partial clone)`, next);
  }
  if ((await shallowFile(scratch.repository)) === undefined) return error;
  return missing(`the repository is shallow: its history does not reach far enough to do the change again`, next);
}
