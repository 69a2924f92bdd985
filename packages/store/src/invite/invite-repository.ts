import type { Invite, InviteWrites } from '@countersign/kernel';
import { Grant, Name } from '@countersign/protocol';
import { sql } from 'kysely';
import { z } from 'zod';
import { flag, flagOf, integer, json } from '../codec/column.ts';
import { jsonText } from '../codec/json-text.ts';
import { Prepared, preparedSql } from '../database/prepared.ts';
import { firstRow, type Session } from '../database/statement.ts';
import { Table } from '../database/table.ts';

const Closed = z.enum(['redeemed', 'revoked', 'expired']);

/** Columns of `invite`; `hash` is unique. */
export const InviteRow = z.object({
  id: z.string(),
  hash: z.string(),
  kind: z.enum(['join', 'reset']),
  name: z.string(),
  grants: json(z.array(Grant)),
  approver_groups: json(z.array(Name)),
  clears_factors: flag,
  invited_by: z.string(),
  created_at: integer,
  expires_at: integer,
  outcome: Closed.nullable(),
  closed_at: integer.nullable(),
});
export type InviteRow = z.input<typeof InviteRow>;

const table = new Table('invite', InviteRow, ['id']);
const byHash = new Prepared<{ hash: string }>((db, parameter) =>
  db.selectFrom('invite').selectAll().where('hash', '=', parameter('hash')),
);
const newest = preparedSql<{ most: number }>(
  (parameter) => sql`select * from invite order by created_at desc, id desc limit ${parameter('most')}`,
);
const expired = preparedSql<{ now: number; most: number }>(
  (parameter) => sql`
    select * from invite where outcome is null and expires_at <= ${parameter('now')}
    order by expires_at, id limit ${parameter('most')}`,
);
/** The condition is looked at again under the row's lock, so of concurrent units one changes it. */
const close = preparedSql<{ id: string; outcome: string; at: number }>(
  (parameter) => sql`
    update invite set outcome = ${parameter('outcome')}, closed_at = ${parameter('at')}
    where id = ${parameter('id')} and outcome is null`,
);
const revokeAll = preparedSql<{ at: number }>(
  (parameter) => sql`
    update invite set outcome = 'revoked', closed_at = ${parameter('at')} where outcome is null`,
);

/** One-time links. */
export class InviteRepository implements InviteWrites {
  readonly #session: Session;
  constructor(session: Session) {
    this.#session = session;
  }

  async byHash(hash: string): Promise<Invite | null> {
    const row = await firstRow(this.#session, byHash.bind(this.#session.dialect, { hash }));
    return row === null ? null : inviteOf(table.decode(row));
  }

  async get(id: string): Promise<Invite | null> {
    const row = await table.get(this.#session, { id });
    return row && inviteOf(row);
  }

  async list(limit: number): Promise<Invite[]> {
    const { rows } = await this.#session.execute(newest.bind(this.#session.dialect, { most: limit }));
    return rows.map((row) => inviteOf(table.decode(row)));
  }

  async expired(now: number, limit: number): Promise<Invite[]> {
    const { rows } = await this.#session.execute(expired.bind(this.#session.dialect, { now, most: limit }));
    return rows.map((row) => inviteOf(table.decode(row)));
  }

  async insert(invite: Invite): Promise<void> {
    await table.insert(this.#session, inviteRow(invite));
  }

  async close(id: string, outcome: z.output<typeof Closed>, at: number): Promise<boolean> {
    const { changes } = await this.#session.execute(close.bind(this.#session.dialect, { id, outcome, at }));
    return changes > 0;
  }

  async revokeAll(at: number): Promise<number> {
    return (await this.#session.execute(revokeAll.bind(this.#session.dialect, { at }))).changes;
  }
}

function inviteOf(row: z.output<typeof InviteRow>): Invite {
  const { id, hash, kind, name, grants, outcome } = row;
  return {
    id,
    hash,
    kind,
    name,
    grants,
    groups: row.approver_groups,
    clearsFactors: row.clears_factors,
    invitedBy: row.invited_by,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    outcome,
    closedAt: row.closed_at,
  };
}

function inviteRow(invite: Invite): InviteRow {
  const { id, hash, kind, name, outcome } = invite;
  return {
    id,
    hash,
    kind,
    name,
    grants: jsonText(invite.grants),
    approver_groups: jsonText(invite.groups),
    clears_factors: flagOf(invite.clearsFactors),
    invited_by: invite.invitedBy,
    created_at: invite.createdAt,
    expires_at: invite.expiresAt,
    outcome,
    closed_at: invite.closedAt,
  };
}
