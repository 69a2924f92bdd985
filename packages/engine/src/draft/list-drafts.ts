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

type Among = Omit<OperationFilter, 'effects' | 'grants' | 'limit' | 'beforeId'>;

/** Goes through operations that a caller sees until `limit` of them answer something. */
async function collect<Entry>(
  reads: Reads,
  caller: Caller,
  { before, limit }: DraftPage,
  filter: Among,
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

/** Operations among which those that are wanted stand; the database leaves out what cannot be: it keeps operations for good. */
function amongWhich(context: EngineContext, wanted: 'pending' | 'rejected'): Among {
  if (wanted === 'pending') return { states: ['draft', 'planning', 'planned'], unstarted: true };
  // Without a word about their state: the reason says it, and is what they are found by.
  return {
    closedReasons: ['rejected', 'withdrawn', 'denied', 'expired'],
    updatedAfter: context.clock.now() - context.settings.listedMs,
    unstarted: true,
  };
}

/** Whether a draft still stands in lists. */
function isListed({ status }: Drafted, wanted: 'pending' | 'rejected'): boolean {
  if (wanted === 'rejected') return status === 'rejected';
  return status === 'generating' || status === 'draft' || status === 'error';
}

/** Drafts that wait for somebody, or were rejected lately. A list shows no plan as seen. */
export async function listDrafts(
  context: EngineContext,
  caller: Caller,
  wanted: 'pending' | 'rejected',
  page: DraftPage,
): Promise<DraftView[]> {
  return await context.store.read((reads) =>
    collect(reads, caller, page, amongWhich(context, wanted), async (operation) => {
      const drafted = await readDrafted(context, reads, operation, caller);
      return isListed(drafted, wanted) ? viewDraft(drafted) : null;
    }),
  );
}

/** What was approved and has not run. */
export async function listApproved(context: EngineContext, caller: Caller, page: DraftPage): Promise<ApprovedView[]> {
  return await context.store.read((reads) =>
    collect(reads, caller, page, { states: ['planned'], decision: 'allow', unstarted: true }, async (operation) => {
      // What was changed in the database after it was approved is not served as approved.
      if (!(await wholePlan(context, reads, operation)).ok) return null;
      return viewApproved(await readDrafted(context, reads, operation, caller));
    }),
  );
}

export { collect as collectOperations };
