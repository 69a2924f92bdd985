import type { Operation, OperationFilter, Reads } from '@countersign/kernel';
import type { ApprovedView, DraftView } from '@countersign/protocol';
import type { Caller } from '../context/actor.ts';
import type { EngineContext } from '../context/context.ts';
import { wholePlan } from '../plan/whole-plan.ts';
import { type Drafted, readDrafted, viewApproved, viewDraft } from './view-draft.ts';

/** A page of a list, newest first: up to `limit` entries of operations made before `before`. */
export interface DraftPage {
  readonly before: string | undefined;
  readonly limit: number;
}

const scannedAtOnce = 100;
const changes = ['write', 'destructive'] as const;

/** Goes through operations that a caller sees until `limit` of them answer something. */
async function collect<Entry>(
  reads: Reads,
  caller: Caller,
  { before, limit }: DraftPage,
  filter: Pick<OperationFilter, 'states' | 'unstarted' | 'ranSince'>,
  entryOf: (operation: Operation) => Promise<Entry | null>,
): Promise<Entry[]> {
  const found: Entry[] = [];
  let beforeId = before;
  for (;;) {
    const page = await reads.operations.list({
      ...filter,
      effects: changes,
      grants: caller.principal.grants,
      limit: scannedAtOnce,
      ...(beforeId === undefined ? {} : { beforeId }),
    });
    for (const operation of page) {
      const entry = await entryOf(operation);
      if (entry !== null) found.push(entry);
      if (found.length === limit) return found;
    }
    if (page.length < scannedAtOnce) return found;
    beforeId = page.at(-1)?.id;
  }
}

/** Whether a draft still stands in lists: rejected ones do for a while. */
function isListed(context: EngineContext, { operation, status }: Drafted, wanted: 'pending' | 'rejected'): boolean {
  if (wanted === 'pending') return status === 'generating' || status === 'draft' || status === 'error';
  return status === 'rejected' && context.clock.now() - operation.updatedAt < context.settings.listedMs;
}

/** Drafts that wait for somebody, or were rejected lately. A list shows no plan as seen. */
export async function listDrafts(
  context: EngineContext,
  caller: Caller,
  wanted: 'pending' | 'rejected',
  page: DraftPage,
): Promise<DraftView[]> {
  const states = wanted === 'pending' ? (['draft', 'planning', 'planned'] as const) : (['closed'] as const);
  return await context.store.read((reads) =>
    collect(reads, caller, page, { states, unstarted: true }, async (operation) => {
      const drafted = await readDrafted(context, reads, operation, caller);
      return isListed(context, drafted, wanted) ? viewDraft(drafted) : null;
    }),
  );
}

/** What was approved and has not run. */
export async function listApproved(context: EngineContext, caller: Caller, page: DraftPage): Promise<ApprovedView[]> {
  return await context.store.read((reads) =>
    collect(reads, caller, page, { states: ['planned'], unstarted: true }, async (operation) => {
      // What was changed in the database after it was approved is not served as approved.
      if (!(await wholePlan(context, reads, operation)).ok) return null;
      return viewApproved(await readDrafted(context, reads, operation, caller));
    }),
  );
}

export { collect as collectOperations };
