import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Session } from '../program/command-entry.ts';
import { addCommonOptions, addExamples, type CommonOptions } from '../program/common-options.ts';
import { setAction } from '../program/context.ts';
import { renderTable } from '../render/table.ts';
import { renderTime } from '../render/time.ts';
import { wholeNumber } from './whole-number.ts';

interface AuditListOptions extends CommonOptions {
  readonly actor?: string;
  readonly event?: string;
  readonly subject?: string;
  readonly outcome?: 'ok' | 'refused' | 'failed' | 'unknown';
  readonly since?: number;
  readonly until?: number;
  readonly after?: number;
  readonly limit: number;
}

function timeOption(text: string): number {
  const at = Date.parse(text);
  if (Number.isNaN(at)) throw new InvalidArgumentError('Expected a time such as 2026-11-21T08:00Z.');
  return at;
}

/** `countersign audit ls`. */
export function configureAuditList(command: Command, session: Session): void {
  command
    .option('--actor <name>', 'only by this principal')
    .option('--event <name>', 'only this event, such as run.failed')
    .option('--subject <id>', 'only about this operation, token, …')
    .addOption(new Option('--outcome <word>', 'only with this outcome').choices(['ok', 'refused', 'failed', 'unknown']))
    .option('--since <time>', 'only from this time on', timeOption)
    .option('--until <time>', 'only up to this time', timeOption)
    .option('--after <n>', 'only after this leaf, oldest first', wholeNumber(0, Number.MAX_SAFE_INTEGER))
    .option('--limit <n>', 'at most so many', wholeNumber(1, 500), 50);
  addCommonOptions(command);
  addExamples(
    command,
    'countersign audit ls --outcome refused',
    'countersign audit ls --subject 0198f2a4-7c1e-7000-8000-2f6f1c3a9b10 --json',
  );
  setAction<AuditListOptions>(command, session, async ({ client, print }, options) => {
    const { actor, event, subject, outcome, since: from, until, after, limit } = options;
    const answer = await client.call('audit', { query: { actor, event, subject, outcome, from, until, after, limit } });
    const rows = answer.entries.map((entry) => [
      entry.leaf_index === null ? '-' : String(entry.leaf_index),
      renderTime(entry.at),
      entry.event,
      entry.outcome,
      entry.actor.ai ? `${entry.actor.principal} (AI)` : entry.actor.principal,
      `${entry.subject.kind} ${entry.subject.id}`,
    ]);
    print.text(renderTable(['LEAF', 'AT', 'EVENT', 'OUTCOME', 'ACTOR', 'SUBJECT'], rows, print.colors));
    print.document(answer);
    return 0;
  });
}
