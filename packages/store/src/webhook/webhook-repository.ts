import type { DeadLetter, Webhook, WebhookWrites } from '@countersign/kernel';
import { sql } from 'kysely';
import { z } from 'zod';
import { flag, flagOf, integer } from '../codec/column.ts';
import { preparedSql } from '../database/prepared.ts';
import { firstRow, type Session } from '../database/statement.ts';
import { Table } from '../database/table.ts';

/** Columns of `webhook`. */
export const WebhookRow = z.object({
  name: z.string(),
  cursor: integer,
  attempts: integer,
  state: z.enum(['ok', 'failing']),
  error: z.string().nullable(),
  changed_at: integer,
  delivered_at: integer.nullable(),
  next_at: integer,
  holder: z.string().nullable(),
  held_until: integer,
});
export type WebhookRow = z.input<typeof WebhookRow>;
/** Columns of `webhook_letter`. */
export const WebhookLetterRow = z.object({
  webhook: z.string(),
  entry_id: z.string(),
  leaf_index: integer,
  event: z.string(),
  attempts: integer,
  error: z.string(),
  died_at: integer,
  queued: flag,
});
export type WebhookLetterRow = z.input<typeof WebhookLetterRow>;

const webhooks = new Table('webhook', WebhookRow, ['name']);
const letters = new Table('webhook_letter', WebhookLetterRow, ['webhook', 'entry_id']);
const Count = z.object({ count: integer });

const lettersOf = preparedSql<{ webhook: string; queued: number; limit: number }>(
  (parameter) => sql`select * from webhook_letter
    where webhook = ${parameter('webhook')} and queued >= ${parameter('queued')}
    order by leaf_index limit ${parameter('limit')}`,
);
const countOf = preparedSql<{ webhook: string }>(
  (parameter) => sql`select count(*) as count from webhook_letter where webhook = ${parameter('webhook')}`,
);
const remove = preparedSql<{ webhook: string; entry_id: string }>(
  (parameter) => sql`delete from webhook_letter
    where webhook = ${parameter('webhook')} and entry_id = ${parameter('entry_id')}`,
);
const queueOne = preparedSql<{ webhook: string; entry_id: string }>(
  (parameter) => sql`update webhook_letter set queued = 1
    where webhook = ${parameter('webhook')} and entry_id = ${parameter('entry_id')}`,
);
const queueAll = preparedSql<{ webhook: string }>(
  (parameter) => sql`update webhook_letter set queued = 1 where webhook = ${parameter('webhook')}`,
);

/** How far webhooks are, and what they did not take. */
export class WebhookRepository implements WebhookWrites {
  readonly #session: Session;
  constructor(session: Session) {
    this.#session = session;
  }

  async get(name: string): Promise<Webhook | null> {
    const row = await webhooks.get(this.#session, { name });
    return row && webhookOf(row);
  }

  async lock(name: string): Promise<Webhook | null> {
    const row = await webhooks.lock(this.#session, { name });
    return row && webhookOf(row);
  }

  async begin(webhook: Webhook): Promise<void> {
    await webhooks.insertNew(this.#session, webhookRow(webhook));
  }

  async save(webhook: Webhook): Promise<void> {
    await webhooks.update(this.#session, webhookRow(webhook));
  }

  async letters(webhook: string, filter: { queued: boolean; limit: number }): Promise<DeadLetter[]> {
    const { queued, limit } = filter;
    const statement = lettersOf.bind(this.#session.dialect, { webhook, queued: flagOf(queued), limit });
    const { rows } = await this.#session.execute(statement);
    return rows.map((row) => letterOf(letters.decode(row)));
  }

  async countLetters(webhook: string): Promise<number> {
    const row = await firstRow(this.#session, countOf.bind(this.#session.dialect, { webhook }));
    return Count.parse(row).count;
  }

  async keepLetter({ webhook, event, attempts, error, ...letter }: DeadLetter): Promise<void> {
    await letters.upsert(this.#session, {
      webhook,
      entry_id: letter.entryId,
      leaf_index: letter.leafIndex,
      event,
      attempts,
      error,
      died_at: letter.diedAt,
      queued: flagOf(letter.queued),
    });
  }

  async removeLetter(webhook: string, entryId: string): Promise<void> {
    await this.#session.execute(remove.bind(this.#session.dialect, { webhook, entry_id: entryId }));
  }

  async queueLetters(webhook: string, entryId: string | null): Promise<number> {
    const { dialect } = this.#session;
    const statement =
      entryId === null ? queueAll.bind(dialect, { webhook }) : queueOne.bind(dialect, { webhook, entry_id: entryId });
    return (await this.#session.execute(statement)).changes;
  }
}

function webhookOf(row: z.output<typeof WebhookRow>): Webhook {
  const { name, cursor, attempts, state, error, holder } = row;
  return {
    name,
    cursor,
    attempts,
    state,
    error,
    changedAt: row.changed_at,
    deliveredAt: row.delivered_at,
    nextAt: row.next_at,
    holder,
    heldUntil: row.held_until,
  };
}

function webhookRow({ name, cursor, attempts, state, error, holder, ...times }: Webhook): WebhookRow {
  return {
    name,
    cursor,
    attempts,
    state,
    error,
    changed_at: times.changedAt,
    delivered_at: times.deliveredAt,
    next_at: times.nextAt,
    holder,
    held_until: times.heldUntil,
  };
}

function letterOf(row: z.output<typeof WebhookLetterRow>): DeadLetter {
  const { webhook, event, attempts, error, queued } = row;
  return {
    webhook,
    entryId: row.entry_id,
    leafIndex: row.leaf_index,
    event,
    attempts,
    error,
    diedAt: row.died_at,
    queued,
  };
}
