import type { PersonSession, SessionWrites } from '@countersign/kernel';
import { sql } from 'kysely';
import { z } from 'zod';
import { integer } from '../codec/column.ts';
import { Prepared, preparedSql } from '../database/prepared.ts';
import { firstRow, type Session } from '../database/statement.ts';
import { Table } from '../database/table.ts';

/** Columns of `session`; `hash` is unique. */
export const SessionRow = z.object({
  id: z.string(),
  hash: z.string(),
  person_id: z.string(),
  method: z.enum(['password', 'totp', 'passkey', 'oidc', 'invite']),
  address: z.string(),
  user_agent: z.string(),
  created_at: integer,
  seen_at: integer,
  expires_at: integer,
  stepped_up_at: integer.nullable(),
  ended_at: integer.nullable(),
});
export type SessionRow = z.input<typeof SessionRow>;

const Id = z.object({ id: z.string() });
/** Ids of one query at most. */
const idsAtOnce = 500;
const table = new Table('session', SessionRow, ['id']);
const byHash = new Prepared<{ hash: string }>((db, parameter) =>
  db.selectFrom('session').selectAll().where('hash', '=', parameter('hash')),
);
const live = preparedSql<{ person_id: string; now: number; seen: number }>(
  (parameter) => sql`
    select * from session
    where person_id = ${parameter('person_id')} and ended_at is null
      and expires_at > ${parameter('now')} and seen_at > ${parameter('seen')}
    order by created_at desc, id desc`,
);
const fromAddress = preparedSql<{ person_id: string; address: string }>(
  (parameter) => sql`
    select id from session where person_id = ${parameter('person_id')} and address = ${parameter('address')} limit 1`,
);
/** The secret from before is part of the condition: of concurrent step-ups one gets the session. */
const rotate = preparedSql<{ id: string; from: string; to: string; stepped_up_at: number | null }>(
  (parameter) => sql`
    update session set hash = ${parameter('to')}, stepped_up_at = ${parameter('stepped_up_at')}
    where id = ${parameter('id')} and hash = ${parameter('from')} and ended_at is null`,
);
const touch = preparedSql<{ id: string; at: number }>(
  (parameter) => sql`
    update session set seen_at = ${parameter('at')} where id = ${parameter('id')} and seen_at < ${parameter('at')}`,
);
const end = preparedSql<{ id: string; at: number }>(
  (parameter) => sql`
    update session set ended_at = ${parameter('at')} where id = ${parameter('id')} and ended_at is null`,
);
const endAll = preparedSql<{ person_id: string; at: number; kept: string }>(
  (parameter) => sql`
    update session set ended_at = ${parameter('at')}
    where person_id = ${parameter('person_id')} and ended_at is null and id <> ${parameter('kept')}
    returning id`,
);
const endEveryone = preparedSql<{ at: number }>(
  (parameter) => sql`update session set ended_at = ${parameter('at')} where ended_at is null`,
);
const deleteOld = preparedSql<{ before: number }>(
  (parameter) => sql`
    delete from session where expires_at < ${parameter('before')} or ended_at < ${parameter('before')}`,
);

/** Sessions of people. */
export class SessionRepository implements SessionWrites {
  readonly #session: Session;
  constructor(session: Session) {
    this.#session = session;
  }

  async byHash(hash: string): Promise<PersonSession | null> {
    const row = await firstRow(this.#session, byHash.bind(this.#session.dialect, { hash }));
    return row === null ? null : sessionOf(table.decode(row));
  }

  async get(id: string): Promise<PersonSession | null> {
    const row = await table.get(this.#session, { id });
    return row && sessionOf(row);
  }

  async live(personId: string, now: number, idleMs: number): Promise<PersonSession[]> {
    const values = { person_id: personId, now, seen: now - idleMs };
    const { rows } = await this.#session.execute(live.bind(this.#session.dialect, values));
    return rows.map((row) => sessionOf(table.decode(row)));
  }

  async endedOf(ids: readonly string[], now: number, idleMs: number): Promise<string[]> {
    const living = new Set<string>();
    for (let from = 0; from < ids.length; from += idsAtOnce) {
      const some = sql.join(ids.slice(from, from + idsAtOnce));
      const query = sql`
        select id from session
        where id in (${some}) and ended_at is null and expires_at > ${now} and seen_at > ${now - idleMs}`;
      const { rows } = await this.#session.execute(query.compile(this.#session.dialect.builder));
      for (const row of rows) living.add(Id.parse(row).id);
    }
    return ids.filter((id) => !living.has(id));
  }

  async knowsAddress(personId: string, address: string): Promise<boolean> {
    const values = { person_id: personId, address };
    return (await firstRow(this.#session, fromAddress.bind(this.#session.dialect, values))) !== null;
  }

  async insert(session: PersonSession): Promise<void> {
    await table.insert(this.#session, sessionRow(session));
  }

  async rotate(id: string, from: string, to: string, steppedUpAt: number | null): Promise<boolean> {
    const values = { id, from, to, stepped_up_at: steppedUpAt };
    const { changes } = await this.#session.execute(rotate.bind(this.#session.dialect, values));
    return changes > 0;
  }

  async touch(id: string, at: number): Promise<void> {
    await this.#session.execute(touch.bind(this.#session.dialect, { id, at }));
  }

  async end(id: string, at: number): Promise<boolean> {
    const { changes } = await this.#session.execute(end.bind(this.#session.dialect, { id, at }));
    return changes > 0;
  }

  async endAll(personId: string, at: number, except: string | null): Promise<string[]> {
    const values = { person_id: personId, at, kept: except ?? '' };
    const { rows } = await this.#session.execute(endAll.bind(this.#session.dialect, values));
    return rows.map((row) => Id.parse(row).id);
  }

  async endEveryone(at: number): Promise<number> {
    return (await this.#session.execute(endEveryone.bind(this.#session.dialect, { at }))).changes;
  }

  async deleteOld(before: number): Promise<number> {
    return (await this.#session.execute(deleteOld.bind(this.#session.dialect, { before }))).changes;
  }
}

function sessionOf(row: z.output<typeof SessionRow>): PersonSession {
  return {
    id: row.id,
    hash: row.hash,
    personId: row.person_id,
    method: row.method,
    address: row.address,
    userAgent: row.user_agent,
    createdAt: row.created_at,
    seenAt: row.seen_at,
    expiresAt: row.expires_at,
    steppedUpAt: row.stepped_up_at,
    endedAt: row.ended_at,
  };
}

function sessionRow(session: PersonSession): SessionRow {
  return {
    id: session.id,
    hash: session.hash,
    person_id: session.personId,
    method: session.method,
    address: session.address,
    user_agent: session.userAgent,
    created_at: session.createdAt,
    seen_at: session.seenAt,
    expires_at: session.expiresAt,
    stepped_up_at: session.steppedUpAt,
    ended_at: session.endedAt,
  };
}
