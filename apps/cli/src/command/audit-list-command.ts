import type { Command } from 'commander';
import type { Session } from '../program/command-entry.ts';
import { addCommonOptions, addExamples, type CommonOptions } from '../program/common-options.ts';
import { setAction } from '../program/context.ts';
import { renderTable } from '../render/table.ts';
import { renderTime } from '../render/time.ts';
import { type AuditFilterOptions, addAuditFilters, auditFilters } from './audit-filters.ts';
import { wholeNumber } from './whole-number.ts';

interface AuditListOptions extends CommonOptions, AuditFilterOptions {
  readonly after?: number;
  readonly before?: number;
  readonly newest?: boolean;
  readonly limit: number;
}

/** `countersign audit ls`. */
export function configureAuditList(command: Command, session: Session): void {
  addAuditFilters(command)
    .option('--newest', 'newest first')
    .option('--after <n>', 'only after this leaf', wholeNumber(0, Number.MAX_SAFE_INTEGER))
    .option('--before <n>', 'only before this leaf', wholeNumber(0, Number.MAX_SAFE_INTEGER))
    .option('--limit <n>', 'at most so many', wholeNumber(1, 500), 50);
  addCommonOptions(command);
  addExamples(
    command,
    'countersign audit ls --outcome refused --newest',
    'countersign audit ls --target shop-prod --event approval.*,run.* --since 2026-11-21T08:00Z',
  );
  setAction<AuditListOptions>(command, session, async ({ client, print }, options) => {
    const { after, before, newest, limit } = options;
    const order = newest === true ? 'newest' : 'oldest';
    const answer = await client.call('audit', { query: { ...auditFilters(options), after, before, order, limit } });
    const rows = answer.entries.map((entry) => [
      entry.leaf_index === null ? '-' : String(entry.leaf_index),
      renderTime(entry.at),
      entry.event,
      entry.outcome,
      entry.actor.ai ? `${entry.actor.principal} (AI)` : entry.actor.principal,
      `${entry.subject.kind} ${entry.subject.id}`,
    ]);
    print.text(renderTable(['LEAF', 'AT', 'EVENT', 'OUTCOME', 'ACTOR', 'SUBJECT'], rows, print.colors));
    if (answer.next !== null)
      print.note(`there is more: go on with ${order === 'newest' ? '--before' : '--after'} ${answer.next}`);
    print.document(answer);
    return 0;
  });
}
