import type { Token, TokenWrites } from '@countersign/kernel';
import { CodedError, Grant, Name, PrincipalKind, Role, Scope } from '@countersign/protocol';
import { sql } from 'kysely';
import { z } from 'zod';
import { flag, flagOf, integer, json } from '../codec/column.ts';
import { jsonText, jsonTextOrNull } from '../codec/json-text.ts';
import { Prepared, preparedSql } from '../database/prepared.ts';
import { firstRow, type Session } from '../database/statement.ts';
import { Table } from '../database/table.ts';

/** Columns of `token`; `hash` is unique. */
export const TokenRow = z.object({
  id: z.string(),
  hash: z.string(),
  name: z.string(),
  kind: PrincipalKind,
  role: Role,
  principal: z.string(),
  root: z.string(),
  ai: flag,
  parent: z.string().nullable(),
  created_at: integer,
  expires_at: integer.nullable(),
  revoked_at: integer.nullable(),
  last_used_at: integer.nullable(),
  use_count: integer,
  grants: json(z.array(Grant)),
  approver_groups: json(z.array(Name)),
  scopes: json(z.array(Scope)).nullable(),
  stepped_up_at: integer.nullable(),
});
export type TokenRow = z.input<typeof TokenRow>;

const table = new Table('token', TokenRow, ['id'], ['created_at', 'last_used_at', 'use_count', 'stepped_up_at']);
const Id = z.object({ id: z.string() });
const Named = z.object({ name: z.string() });
/** Ids of one query at most. */
const idsAtOnce = 500;
const Count = z.object({ count: integer });

const tokenByHash = new Prepared<{ hash: string }>((db, parameter) =>
  db.selectFrom('token').selectAll().where('hash', '=', parameter('hash')),
);
const allTokens = new Prepared<Record<never, never>>((db) =>
  db.selectFrom('token').selectAll().orderBy('created_at').orderBy('id'),
);
const countTokens = preparedSql<Record<never, never>>(() => sql`select count(*) as count from token`);
const validWorkers = preparedSql<{ now: number }>(
  (parameter) => sql`
    select distinct name from token
    where kind = 'worker' and revoked_at is null and (expires_at is null or expires_at > ${parameter('now')})
    order by name`,
);
const stepUp = preparedSql<{ id: string; at: number }>(
  (parameter) => sql`
    update token set stepped_up_at = ${parameter('at')} where id = ${parameter('id')} and revoked_at is null`,
);
/** Uses may be written down late and out of order. */
const addUses = preparedSql<{ id: string; at: number; uses: number }>(
  (parameter) => sql`
    update token set use_count = use_count + ${parameter('uses')},
      last_used_at = case when last_used_at > ${parameter('at')} then last_used_at else ${parameter('at')} end
    where id = ${parameter('id')}`,
);

/** Bearer tokens. */
export class TokenRepository implements TokenWrites {
  readonly #session: Session;
  constructor(session: Session) {
    this.#session = session;
  }

  async byHash(hash: string): Promise<Token | null> {
    const row = await firstRow(this.#session, tokenByHash.bind(this.#session.dialect, { hash }));
    return row === null ? null : tokenOf(table.decode(row));
  }

  async get(id: string): Promise<Token | null> {
    const row = await table.get(this.#session, { id });
    return row && tokenOf(row);
  }

  /** Oldest first. */
  async list(): Promise<Token[]> {
    const { rows } = await this.#session.execute(allTokens.bind(this.#session.dialect, {}));
    return rows.map((row) => tokenOf(table.decode(row)));
  }

  async count(): Promise<number> {
    return Count.parse(await firstRow(this.#session, countTokens.bind(this.#session.dialect, {}))).count;
  }

  async workersAt(now: number): Promise<string[]> {
    const { rows } = await this.#session.execute(validWorkers.bind(this.#session.dialect, { now }));
    return rows.map((row) => Named.parse(row).name);
  }

  async endedOf(ids: readonly string[], now: number): Promise<string[]> {
    const valid = new Set<string>();
    for (let from = 0; from < ids.length; from += idsAtOnce) {
      const some = sql.join(ids.slice(from, from + idsAtOnce));
      const query = sql`
        select id from token
        where id in (${some}) and revoked_at is null and (expires_at is null or expires_at > ${now})`;
      const { rows } = await this.#session.execute(query.compile(this.#session.dialect.builder));
      for (const row of rows) valid.add(Id.parse(row).id);
    }
    return ids.filter((id) => !valid.has(id));
  }

  async insert(token: Token): Promise<void> {
    await table.insert(this.#session, tokenRow(token));
  }

  /** Writes everything but what only `touch` and `stepUp` change: a revocation must not undo what was noted meanwhile. */
  async save(token: Token): Promise<void> {
    if (!(await table.update(this.#session, tokenRow(token)))) {
      throw new CodedError('E_INTERNAL', `There is no token ${token.id} to save.`);
    }
  }

  async stepUp(id: string, at: number): Promise<boolean> {
    const { changes } = await this.#session.execute(stepUp.bind(this.#session.dialect, { id, at }));
    return changes > 0;
  }

  async touch(id: string, at: number, uses: number): Promise<void> {
    await this.#session.execute(addUses.bind(this.#session.dialect, { id, at, uses }));
  }
}

function tokenOf(row: z.output<typeof TokenRow>): Token {
  const { id, hash, name, kind, role, principal, root, ai, parent, grants, scopes } = row;
  const { created_at: createdAt, expires_at: expiresAt, revoked_at: revokedAt } = row;
  const times = { createdAt, expiresAt, revokedAt, lastUsedAt: row.last_used_at, steppedUpAt: row.stepped_up_at };
  const who = { id, hash, name, kind, role, grants, scopes, principal, root, ai, parent };
  return { ...who, groups: row.approver_groups, ...times, useCount: row.use_count };
}

function tokenRow(token: Token): TokenRow {
  const { id, hash, name, kind, role, principal, root, ai, parent } = token;
  const times = { created_at: token.createdAt, expires_at: token.expiresAt, revoked_at: token.revokedAt };
  const uses = { last_used_at: token.lastUsedAt, use_count: token.useCount, stepped_up_at: token.steppedUpAt };
  const reach = {
    grants: jsonText(token.grants),
    approver_groups: jsonText(token.groups),
    scopes: jsonTextOrNull(token.scopes),
  };
  return { id, hash, name, kind, role, principal, root, ai: flagOf(ai), parent, ...times, ...uses, ...reach };
}
