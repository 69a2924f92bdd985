import type { ParsedStep, WorkContext } from '@countersign/connector-kit';
import type { Diff, JsonObject, PlannedContent, RollbackPlan } from '@countersign/protocol';
import { type BuiltStep, buildAll } from './change/build-all.ts';
import { Problems } from './change/checks.ts';
import { diffsOf } from './change/diffs.ts';
import { checkWorkTrees } from './change/work-tree-check.ts';
import { requestOf } from './change-inputs.ts';
import { type Scratch, withScratch } from './client/scratch.ts';
import { branchOf, identityOf, type Look, lookAt, preconditionsOf } from './observe.ts';
import type { RepoTarget } from './target.ts';

/** The branch must be one of the target's, and one for the whole list. */
export function checkBranches(target: RepoTarget, steps: readonly ParsedStep[], bad: Problems): void {
  const { branch, branches } = target.config;
  const named = new Set(steps.map((step) => requestOf(step).inputs.branch ?? branch));
  for (const each of named) {
    if (each !== branch && !branches.includes(each)) {
      bad.add('repo.branch_allowed', `${each} is not a branch of this target`);
    }
  }
  if (named.size > 1) bad.add('repo.branch_allowed', 'the steps of one operation are on one branch');
}

function inverseInputs({ step, change }: BuiltStep): JsonObject {
  const files = change.files
    .filter(({ was, now }) => was?.oid !== now?.oid || was?.mode !== now?.mode)
    .map(({ path, was }) => (was === null ? { path, delete: true } : { path, blob: was.oid, mode: was.mode }));
  const subject = (change.message.trim().split('\n')[0] ?? '').slice(0, 1000);
  const { branch } = requestOf(step).inputs;
  return { files, message: `Revert "${subject}"`, ...(branch === undefined ? {} : { branch }) };
}

function rollbackOf(steps: readonly BuiltStep[], blocked: boolean): RollbackPlan {
  if (blocked || steps.length === 0) return { possible: false, reason: 'the change itself cannot be made' };
  const inverses = steps.map((each) => ({
    action: 'repo.write_files',
    inputs: inverseInputs(each),
    undoes: each.step.index,
  }));
  return {
    possible: true,
    summary: 'one commit a step that gives every touched file its former content back',
    steps: inverses.reverse(),
  };
}

async function planOn(
  target: RepoTarget,
  look: Look & { tip: NonNullable<Look['tip']> },
  scratch: Scratch,
  steps: readonly ParsedStep[],
  bad: Problems,
  signal: AbortSignal,
): Promise<Pick<PlannedContent, 'preconditions' | 'diffs' | 'rollback'>> {
  const { commit, ref } = look.tip;
  const built = bad.any ? [] : await buildAll(scratch, commit, steps, target.allowlist, bad);
  const blocked = built.length < steps.length || bad.any;
  const result = blocked ? null : (built.at(-1)?.change.to ?? null);
  const files = built.flatMap(({ change }) => change.files);
  const showAll = async (): Promise<Diff[]> => {
    const diffs: Diff[] = [];
    for (const { step, change } of built) diffs.push(...(await diffsOf(scratch, step.index, change, bad)));
    return diffs;
  };
  const [preconditions, diffs] = await Promise.all([
    preconditionsOf(target, scratch, look, steps, result),
    showAll(),
    checkWorkTrees(look.repository, ref, files, bad, signal),
  ]);
  return { preconditions, diffs, rollback: rollbackOf(built, blocked) };
}

/** Plans the list on the object database alone: each step on the tree the one before would leave. */
export async function plan(
  target: RepoTarget,
  steps: readonly ParsedStep[],
  context: WorkContext,
): Promise<PlannedContent> {
  const branch = branchOf(target, steps);
  const look = await lookAt(target, branch, context.signal);
  const bad = new Problems();
  checkBranches(target, steps, bad);
  const { tip } = look;
  if (tip === undefined) bad.add('repo.branch_exists', `the branch ${branch} does not exist in the repository`);
  return await withScratch(look.repository, 'scratch', context.signal, async (scratch) => {
    if (tip !== undefined) {
      const found = await planOn(target, { ...look, tip }, scratch, steps, bad, context.signal);
      return { identity: identityOf(look), ...found, checks: bad.checks(), volatile: [] };
    }
    const preconditions = await preconditionsOf(target, scratch, look, steps);
    const rollback = rollbackOf([], true);
    return { identity: identityOf(look), preconditions, diffs: [], rollback, checks: bad.checks(), volatile: [] };
  });
}
