import { Tally } from '@countersign/evidence';
import type { MeasuredPage } from '@countersign/kernel';
import { accept, type MeasuresQuery, type MeasuresView, type Outcome, refuse } from '@countersign/protocol';
import type { EngineContext } from '../context/context.ts';

const pageSize = 1000;

/**
 * The success measures over a span, from the audit alone. Reads page by page, each in a read of its own, so that neither
 * memory nor a transaction grows with the log; other work goes on between the pages.
 */
export async function computeMeasures(
  context: EngineContext,
  query: MeasuresQuery,
  signal?: AbortSignal,
): Promise<Outcome<MeasuresView>> {
  const { from, to } = query;
  if (from !== undefined && to !== undefined && from >= to) {
    return refuse('E_VALIDATION', '`from` must be before `to`', { field: 'query/from', next: '`to` is exclusive' });
  }
  const tally = new Tally(query);
  let after: MeasuredPage['after'] = null;
  for (;;) {
    const page: MeasuredPage = { fromAt: from ?? 0, toAt: to ?? Number.MAX_SAFE_INTEGER, after, limit: pageSize };
    const entries = await context.store.read((reads) => reads.audit.measured(page));
    for (const { body } of entries) tally.add(body);
    const last = entries.at(-1)?.body;
    if (last === undefined || entries.length < pageSize || signal?.aborted === true) break;
    after = { at: last.at, entryId: last.entry_id };
  }
  // Sealed after the span, or under the clock of another server.
  const open = tally.unsealed();
  for (const id of await context.store.read((reads) => reads.audit.sealedAmong(open))) tally.sealed(id);
  return accept(tally.view(context.clock.now()));
}
