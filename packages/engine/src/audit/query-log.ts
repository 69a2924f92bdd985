import type { AuditFilter } from '@countersign/kernel';
import { type AuditEntryView, type AuditExportQuery, type AuditQuery, eventsNamed } from '@countersign/protocol';
import type { EngineContext } from '../context/context.ts';

type Filters = Omit<AuditExportQuery, 'from' | 'to'>;

function filterOf(query: Filters): Omit<AuditFilter, 'limit'> {
  const { actor, event, subject, project, environment, target, outcome, since, until } = query;
  return {
    ...(actor === undefined ? {} : { actor }),
    ...(event === undefined ? {} : { events: eventsNamed(event) ?? [] }),
    ...(subject === undefined ? {} : { subjectId: subject }),
    ...(project === undefined ? {} : { project }),
    ...(environment === undefined ? {} : { environment }),
    ...(target === undefined ? {} : { target }),
    ...(outcome === undefined ? {} : { outcome }),
    ...(since === undefined ? {} : { fromAt: since }),
    ...(until === undefined ? {} : { untilAt: until }),
  };
}

/** One page of the log. `next` is where the next page begins; null at the end. */
export interface AuditPage {
  readonly entries: AuditEntryView[];
  readonly tree_size: number;
  readonly next: number | null;
}

/** Entries that a query takes, with where the next page begins. */
export async function queryLog(context: EngineContext, query: AuditQuery): Promise<AuditPage> {
  const { after, before, order, limit, ...filters } = query;
  const filter: AuditFilter = {
    ...filterOf(filters),
    order,
    // One more than asked: whether there is a next page is known without another query.
    limit: limit + 1,
    ...(after === undefined ? {} : { afterIndex: after }),
    ...(before === undefined ? {} : { beforeIndex: before }),
  };
  return await context.store.read(async (reads) => {
    const found = await reads.audit.query(filter);
    const entries = found.slice(0, limit);
    return {
      entries: entries.map((entry) => ({ ...entry.body, leaf_index: entry.leafIndex })),
      tree_size: (await reads.audit.size()).treeSize,
      next: found.length > limit ? (entries.at(-1)?.leafIndex ?? null) : null,
    };
  });
}

const entriesPerRead = 500;

/** Whether an export leaves nothing out between its first leaf and its last. */
export function takesEverything(query: AuditExportQuery): boolean {
  return Object.keys(filterOf(query)).length === 0;
}

/** The entries that a query takes, as they were hashed, one a line; a page at a time. */
export async function* exportFound(context: EngineContext, query: AuditExportQuery): AsyncGenerator<string> {
  const { from, to, ...filters } = query;
  const { treeSize } = await context.store.read((reads) => reads.audit.size());
  const beforeIndex = Math.min(to ?? treeSize, treeSize);
  let afterIndex = from - 1;
  for (;;) {
    const filter = { ...filterOf(filters), afterIndex, beforeIndex, limit: entriesPerRead };
    const found = await context.store.read((reads) => reads.audit.query(filter));
    if (found.length > 0) yield found.map(({ text }) => `${text}\n`).join('');
    const last = found.at(-1)?.leafIndex ?? null;
    if (last === null || found.length < entriesPerRead) return;
    afterIndex = last;
  }
}
