import { interruption, type Replayed, type ReplaySubject, type WorkContext } from '@countersign/connector-kit';
import type { Diff, ReplayComparison } from '@countersign/protocol';
import { Problems } from '../change/checks.ts';
import { diffsOf } from '../change/diffs.ts';
import { buildStep } from '../change/step-change.ts';
import { requestOf } from '../change-inputs.ts';
import { openRepository, type Repository } from '../client/repository.ts';
import { type Scratch, withScratch } from '../client/scratch.ts';
import { treeOf } from '../client/tree.ts';
import { refused } from '../errors.ts';
import { preconditionsOf } from '../observe.ts';
import { makeAllowlist } from '../paths/allowlist.ts';
import type { RepoTarget } from '../target.ts';
import { plannedBase, requireBase, withoutObjects } from './base-commit.ts';
import { compareCommit, type ReplayedParent } from './replay-commit.ts';

/** What was allowed was decided when it was approved; settings of today do not change what was done then. */
const everything = makeAllowlist(['**'], []);

async function replayOn(
  repository: Repository,
  scratch: Scratch,
  { plan, steps }: ReplaySubject,
  signal: AbortSignal,
): Promise<Replayed> {
  const { branch, commit: base } = plannedBase(plan);
  await requireBase(scratch, base);
  const look = { repository, branch, tip: { ref: `refs/heads/${branch}`, commit: base } };
  const diffs: Diff[] = [];
  const compared: ReplayComparison[] = [];
  let tree = await treeOf(scratch, base);
  let parent: ReplayedParent = base;
  for (const each of steps) {
    if (signal.aborted) throw interruption(signal, 'the replay', 'none');
    const bad = new Problems();
    const change = await buildStep(scratch, { commit: base, tree }, requestOf(each.step), everything, bad);
    if (change === undefined) throw refused(`step ${each.step.index} cannot be done again: ${bad.first}`);
    diffs.push(...(await diffsOf(scratch, each.step.index, change, bad)));
    if (bad.any) throw refused(`step ${each.step.index} cannot be shown again: ${bad.first}`);
    tree = change.to;
    if (!each.applied) continue;
    const result = await compareCommit(scratch, each, change, parent);
    compared.push(...result.compared);
    parent = result.parent;
  }
  const preconditions = await preconditionsOf(
    { allowlist: everything },
    scratch,
    look,
    steps.map(({ step }) => step),
    tree,
  );
  const done = steps.filter(({ applied }) => applied).length;
  const says =
    `exact: ${done} of ${steps.length} step(s) were applied and done again on a scratch copy of the repository at ` +
    `${base}, the commit before; trees, commits, files and diffs were compared`;
  return { says, derived: { diffs, preconditions }, compared };
}

/**
 * Does the steps again in a throw-away folder that borrows the repository's objects, at the commit the plan was made on,
 * wherever the branch is by now. The repository's refs, index, work tree and object store stay as they are.
 */
export async function replay(target: RepoTarget, subject: ReplaySubject, context: WorkContext): Promise<Replayed> {
  const { signal } = context;
  const repository = await openRepository(target.ports.exec, target.config.path, signal);
  return await withScratch(repository, 'scratch', signal, async (scratch) => {
    try {
      return await replayOn(repository, scratch, subject, signal);
    } catch (error) {
      if (signal.aborted) throw error;
      throw await withoutObjects(scratch, plannedBase(subject.plan).commit, error);
    }
  });
}
