import {
  type Applied,
  ConnectorError,
  interruption,
  type ParsedStep,
  type WorkContext,
} from '@countersign/connector-kit';
import type { Json, JsonObject } from '@countersign/protocol';
import { Problems } from './change/checks.ts';
import { buildStep } from './change/step-change.ts';
import { checkWorkTrees } from './change/work-tree-check.ts';
import { requestOf } from './change-inputs.ts';
import { type CommitAuthor, moveRef, writeCommit } from './client/commit.ts';
import type { CommitRecord } from './client/history.ts';
import { openRepository, type Repository, readRef } from './client/repository.ts';
import { type Scratch, withScratch } from './client/scratch.ts';
import { dropOldSnapshots } from './client/snapshots.ts';
import { canMove, type WorkTree } from './client/work-tree.ts';
import { missing, refused, stale, unsettled } from './errors.ts';
import { finishWorkTrees, followWithWorkTree } from './follow.ts';
import { Before, commitMessage, snapshotRefOf } from './intent.ts';
import { Guard } from './observe.ts';
import { ownCommit } from './own-commit.ts';
import { checkBranches } from './plan.ts';
import type { RepoTarget } from './target.ts';

interface Change {
  readonly target: RepoTarget;
  readonly repository: Repository;
  readonly step: ParsedStep;
  readonly before: Before;
  readonly author: CommitAuthor;
}

/** Refuses unless the branch is where the guard says. */
async function checkGuard({ repository, before }: Change, signal: AbortSignal): Promise<void> {
  const tip = await readRef(repository, before.ref, signal);
  if (tip === undefined) throw missing(`the branch ${before.ref} does not exist in the repository`);
  if (tip !== before.commit) throw stale(`${before.ref} moved from ${before.commit} to ${tip}`);
}

/** Refuses if a commit of this step once replaced the guard's. */
async function checkNeverApplied({ repository, step }: Change, signal: AbortSignal): Promise<void> {
  if ((await readRef(repository, snapshotRefOf(step), signal)) === undefined) return;
  throw stale('this step was applied before');
}

/** Work trees that can follow the branch without losing anything. */
async function checkedWorkTrees({ repository, before }: Change, signal: AbortSignal): Promise<WorkTree[]> {
  const bad = new Problems();
  const trees = await checkWorkTrees(repository, before.ref, before.files, bad, signal);
  if (bad.any) throw stale(`the work tree is not clean: ${bad.first}`);
  return trees;
}

/** Writes the commit object. No ref names it, so nothing has happened yet. */
async function prepareCommit(change: Change, scratch: Scratch): Promise<string> {
  const { target, step, before, author } = change;
  const bad = new Problems();
  const built = await buildStep(scratch, before, requestOf(step), target.allowlist, bad);
  if (built === undefined) throw refused(`the change cannot be made: ${bad.first}`);
  if (built.to !== before.result_tree) throw stale('the change makes another tree than the one planned');
  return await writeCommit(scratch, built.to, before.commit, commitMessage(step, built.message), author);
}

/** How the ref transaction ended, as the refs themselves say. */
type Moved =
  | { readonly moved: true }
  | { readonly moved: false; readonly why: string; readonly tip: string | undefined; readonly kept: boolean };

/** Starts the ref transaction and reads the refs back. From here on, what git does not tell is no proof of anything. */
async function tryMove({ repository, step, before, author }: Change, commit: string): Promise<Moved> {
  const snapshotRef = snapshotRefOf(step);
  const move = { ref: before.ref, from: before.commit, to: commit, snapshotRef, author };
  try {
    const { moved, why } = await moveRef(repository, { ...move, reason: `countersign: ${step.action}` });
    if (moved) return { moved };
    const tip = await readRef(repository, before.ref);
    if (tip === commit) return { moved: true };
    return { moved, why, tip, kept: (await readRef(repository, snapshotRef)) !== undefined };
  } catch (error) {
    throw error instanceof ConnectorError ? unsettled(error) : error;
  }
}

/** The compare-and-set; after it the step is applied. */
async function moveBranch(change: Change, commit: string): Promise<void> {
  const { before } = change;
  const end = await tryMove(change, commit);
  if (end.moved) return;
  if (end.tip !== before.commit) throw stale(`${before.ref} moved from ${before.commit} meanwhile`);
  if (end.kept) throw stale('this step was applied before');
  throw refused(`git did not move the branch: ${end.why}`);
}

/** The step's own commit where it stands on the branch. */
async function landed({ repository, step, before }: Change): Promise<CommitRecord | undefined> {
  const tip = await readRef(repository, before.ref);
  if (tip === undefined || tip === before.commit) return undefined;
  return await ownCommit(repository, step, before, tip, new AbortController().signal);
}

/**
 * What a refusal means: an earlier attempt of the same step may have gone on by itself and have put the commit on the
 * branch. Then the step is applied, and its commit is the answer; only a look at the branch proves that it is not.
 */
async function landedMeanwhile(change: Change, error: unknown): Promise<string> {
  if (!(error instanceof ConnectorError) || error.effect !== 'none') throw error;
  if (error.code !== 'E_PLAN_STALE' && error.code !== 'E_TARGET_REFUSED') throw error;
  let own: CommitRecord | undefined;
  try {
    own = await landed(change);
  } catch (failure) {
    throw failure instanceof ConnectorError ? unsettled(failure) : failure;
  }
  if (own === undefined) throw error;
  if (own.tree === change.before.result_tree) return own.commit;
  const { code, detail } = error;
  const what = 'a commit of this step is on the branch with another tree than the planned one';
  throw new ConnectorError(code, what, { effect: 'maybe', detail, cause: error });
}

/** Everything up to the branch's move; answers the step's commit and the work trees that are to follow. */
async function commitOnBranch(
  change: Change,
  signal: AbortSignal,
): Promise<{ commit: string; trees: WorkTree[]; earlier: boolean }> {
  const { repository, before } = change;
  try {
    await checkGuard(change, signal);
    await checkNeverApplied(change, signal);
    const trees = await checkedWorkTrees(change, signal);
    const commit = await withScratch(repository, 'repository', signal, (scratch) => prepareCommit(change, scratch));
    for (const tree of trees) {
      if (!(await canMove(tree, before.commit, commit, signal))) throw stale('the work tree cannot follow the change');
    }
    if (signal.aborted) throw interruption(signal, 'the commit', 'none');
    await moveBranch(change, commit);
    return { commit, trees, earlier: false };
  } catch (error) {
    return { commit: await landedMeanwhile(change, error), trees: [], earlier: true };
  }
}

async function updateWorkTrees(
  { repository, before }: Change,
  { commit, trees, earlier }: { commit: string; trees: WorkTree[]; earlier: boolean },
  signal: AbortSignal,
): Promise<JsonObject[]> {
  if (earlier) return await finishWorkTrees(repository, before, commit, signal);
  const workTrees: JsonObject[] = [];
  for (const tree of trees) workTrees.push(await followWithWorkTree(tree, before.commit, commit));
  return workTrees;
}

/**
 * Commits the step on the guard's commit and moves the branch there, or does nothing. Where the step's own commit stands on
 * the branch already, that is answered, and nothing is done twice.
 */
export async function apply(
  target: RepoTarget,
  step: ParsedStep,
  kept: Json,
  guard: Json,
  context: WorkContext,
): Promise<Applied> {
  const { signal } = context;
  const before = Before.parse(kept);
  const { inputs } = requestOf(step);
  const { ref, commit: from } = Guard.parse(guard);
  const expected = `refs/heads/${inputs.branch ?? target.config.branch}`;
  if (ref !== expected || before.ref !== ref || before.commit !== from)
    throw stale('the guard is not that of the intent');
  const bad = new Problems();
  checkBranches(target, [step], bad);
  if (bad.any) throw refused(bad.first);
  const repository = await openRepository(target.ports.exec, target.config.path, signal);
  const author = { ...target.config.author, atMs: target.ports.now() };
  const change = { target, repository, step, before, author };
  const done = await commitOnBranch(change, signal);
  const { commit } = done;
  const workTrees = await updateWorkTrees(change, done, signal);
  await dropOldSnapshots(repository, target.config.keep_snapshots);
  await context.output('note', `${ref} is at ${commit}\n`);
  const after = { commit, parent: before.commit, tree: before.result_tree, snapshot_ref: snapshotRefOf(step) };
  return { after: { ...after, work_trees: workTrees }, guard: { ref, commit } };
}
