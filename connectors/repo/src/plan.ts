import type { ParsedStep, WorkContext } from '@countersign/connector-kit';
import type { Diff, JsonObject, PlannedContent, RollbackPlan } from '@countersign/protocol';
import { Problems } from './change/checks.ts';
import { diffsOf } from './change/diffs.ts';
import { buildStep, type StepChange } from './change/step-change.ts';
import { checkWorkTrees } from './change/work-tree-check.ts';
import { type Scratch, withScratch } from './client/scratch.ts';
import { treeOf } from './client/tree.ts';
import { WriteFilesInputs } from './manifest.ts';
import { branchOf, identityOf, type Look, lookAt, preconditionsOf } from './observe.ts';
import type { RepoTarget } from './target.ts';

interface PlannedStep {
  readonly index: number;
  readonly inputs: WriteFilesInputs;
  readonly change: StepChange;
}

/** The branch must be one of the target's, and one for the whole list. */
export function checkBranches(target: RepoTarget, steps: readonly WriteFilesInputs[], bad: Problems): void {
  const { branch, branches } = target.config;
  const named = new Set(steps.map((inputs) => inputs.branch ?? branch));
  for (const each of named) {
    if (each !== branch && !branches.includes(each)) {
      bad.add('repo.branch_allowed', `${each} is not a branch of this target`);
    }
  }
  if (named.size > 1) bad.add('repo.branch_allowed', 'the steps of one operation are on one branch');
}

async function buildAll(
  target: RepoTarget,
  scratch: Scratch,
  commit: string,
  steps: readonly ParsedStep[],
  bad: Problems,
): Promise<PlannedStep[]> {
  const built: PlannedStep[] = [];
  let tree = await treeOf(scratch, commit);
  for (const step of steps) {
    const inputs = WriteFilesInputs.parse(step.inputs);
    const change = await buildStep(scratch, { commit, tree }, inputs, target.allowlist, bad);
    // What follows stands on this step's tree: without it nothing can be said.
    if (change === undefined) break;
    built.push({ index: step.index, inputs, change });
    tree = change.to;
  }
  return built;
}

function inverseInputs({ inputs, change }: PlannedStep): JsonObject {
  const files = change.files
    .filter(({ was, now }) => was?.oid !== now?.oid || was?.mode !== now?.mode)
    .map(({ path, was }) => (was === null ? { path, delete: true } : { path, blob: was.oid, mode: was.mode }));
  const subject = inputs.message.trim().split('\n')[0] ?? '';
  const branch = inputs.branch === undefined ? {} : { branch: inputs.branch };
  return { files, message: `Revert "${subject}"`, ...branch };
}

function rollbackOf(steps: readonly PlannedStep[], blocked: boolean): RollbackPlan {
  if (blocked || steps.length === 0) return { possible: false, reason: 'the change itself cannot be made' };
  const inverses = steps.map((step) => ({
    action: 'repo.write_files',
    inputs: inverseInputs(step),
    undoes: step.index,
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
): Promise<Pick<PlannedContent, 'diffs' | 'rollback'>> {
  const built = bad.any ? [] : await buildAll(target, scratch, look.tip.commit, steps, bad);
  const diffs: Diff[] = [];
  for (const step of built) diffs.push(...(await diffsOf(scratch, step.index, step.change, bad)));
  const files = built.flatMap(({ change }) => change.files);
  await checkWorkTrees(look.repository, look.tip.ref, files, bad, signal);
  return { diffs, rollback: rollbackOf(built, built.length < steps.length) };
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
  checkBranches(
    target,
    steps.map((step) => WriteFilesInputs.parse(step.inputs)),
    bad,
  );
  const { tip } = look;
  if (tip === undefined) bad.add('repo.branch_exists', `the branch ${branch} does not exist in the repository`);
  return await withScratch(look.repository, 'scratch', context.signal, async (scratch) => {
    const preconditions = await preconditionsOf(scratch, look, steps);
    const found =
      tip === undefined
        ? { diffs: [], rollback: rollbackOf([], true) }
        : await planOn(target, { ...look, tip }, scratch, steps, bad, context.signal);
    return { identity: identityOf(look), preconditions, ...found, checks: bad.checks(), volatile: [] };
  });
}
