import type { ParsedStep, WorkContext } from '@countersign/connector-kit';
import type { Json, ReconcileAnswer } from '@countersign/protocol';
import { openRepository, readRef } from './client/repository.ts';
import { Before, snapshotRefOf } from './intent.ts';
import { ownCommit } from './own-commit.ts';
import type { RepoTarget } from './target.ts';

/** What was found of an intent without outcome. */
export interface Reconciled {
  readonly answer: ReconcileAnswer;
  readonly after: Json;
  readonly guard: Json;
}

/**
 * Looks from the branch's tip back to the intent's commit for the step's trailer. The snapshot ref is written in the
 * same transaction as the branch: where it stands without the commit, somebody took the commit away again.
 */
export async function reconcile(
  target: RepoTarget,
  step: ParsedStep,
  intent: { before: Json; guard: Json },
  context: WorkContext,
): Promise<Reconciled> {
  const before = Before.parse(intent.before);
  const repository = await openRepository(target.ports.exec, target.config.path, context.signal);
  const tip = await readRef(repository, before.ref, context.signal);
  const snapshot = await readRef(repository, snapshotRefOf(step), context.signal);
  const nothing = { after: { tip: tip ?? null }, guard: intent.guard };
  if (tip !== undefined) {
    const found = await ownCommit(repository, step, before, tip, context.signal);
    if (found !== undefined) {
      const { commit, tree } = found;
      const after = {
        commit,
        parent: found.parents[0] ?? null,
        tree,
        snapshot_ref: snapshot ? snapshotRefOf(step) : null,
      };
      return { answer: 'applied', after, guard: { ref: before.ref, commit } };
    }
  }
  return { answer: snapshot === undefined ? 'not_applied' : 'indeterminate', ...nothing };
}
