import type { SignInRoom, SignInState, SignInStateWrites } from '@countersign/kernel';
import { JsonObject } from '@countersign/protocol';
import { sql } from 'kysely';
import { z } from 'zod';
import { integer, json } from '../codec/column.ts';
import { jsonText } from '../codec/json-text.ts';
import { preparedSql } from '../database/prepared.ts';
import { firstRow, type Session } from '../database/statement.ts';
import { Table } from '../database/table.ts';

const Kind = z.enum(['oidc', 'passkey', 'host']);

/** Columns of `sign_in_state`. */
export const SignInStateRow = z.object({
  id: z.string(),
  kind: Kind,
  owner: z.string(),
  detail: json(JsonObject),
  expires_at: integer,
});
export type SignInStateRow = z.input<typeof SignInStateRow>;

const Count = z.object({ count: integer });
const table = new Table('sign_in_state', SignInStateRow, ['id']);
const countOf = preparedSql<{ kind: string }>(
  (parameter) => sql`select count(*) as count from sign_in_state where kind = ${parameter('kind')}`,
);
/** A row is deleted once, whoever asks at the same time. */
const take = preparedSql<{ id: string; kind: string; now: number }>(
  (parameter) => sql`
    delete from sign_in_state
    where id = ${parameter('id')} and kind = ${parameter('kind')} and expires_at > ${parameter('now')}
    returning *`,
);
const shrinkOwner = preparedSql<{ kind: string; owner: string; most: number }>(
  (parameter) => sql`
    delete from sign_in_state where id in (
      select id from (
        select id, row_number() over (order by expires_at desc, id desc) as place
        from sign_in_state where kind = ${parameter('kind')} and owner = ${parameter('owner')}
      ) as standing where place >= ${parameter('most')}
    ) returning *`,
);
const shrinkLargest = preparedSql<{ kind: string }>(
  (parameter) => sql`
    delete from sign_in_state where id = (
      select id from sign_in_state where kind = ${parameter('kind')} and owner = (
        select owner from sign_in_state where kind = ${parameter('kind')}
        group by owner order by count(*) desc, owner limit 1
      ) order by expires_at, id limit 1
    ) returning *`,
);
const deleteExpired = preparedSql<{ now: number }>(
  (parameter) => sql`delete from sign_in_state where expires_at <= ${parameter('now')}`,
);

function stateOf(row: unknown): SignInState {
  const { expires_at: expiresAt, ...rest } = table.decode(row);
  return { ...rest, expiresAt };
}

/** What is remembered between the two halves of a proof. */
export class SignInStateRepository implements SignInStateWrites {
  readonly #session: Session;
  constructor(session: Session) {
    this.#session = session;
  }

  async count(kind: SignInState['kind']): Promise<number> {
    return Count.parse(await firstRow(this.#session, countOf.bind(this.#session.dialect, { kind }))).count;
  }

  async makeRoom(kind: SignInState['kind'], owner: string, { perOwner, total }: SignInRoom): Promise<SignInState[]> {
    const { dialect } = this.#session;
    const own = await this.#session.execute(shrinkOwner.bind(dialect, { kind, owner, most: perOwner }));
    const rows = [...own.rows];
    if ((await this.count(kind)) >= total)
      rows.push(...(await this.#session.execute(shrinkLargest.bind(dialect, { kind }))).rows);
    return rows.map(stateOf);
  }

  async insert({ id, kind, owner, detail, expiresAt }: SignInState): Promise<void> {
    await table.insert(this.#session, { id, kind, owner, detail: jsonText(detail), expires_at: expiresAt });
  }

  async take(id: string, kind: SignInState['kind'], now: number): Promise<SignInState | null> {
    const row = await firstRow(this.#session, take.bind(this.#session.dialect, { id, kind, now }));
    return row === null ? null : stateOf(row);
  }

  async deleteExpired(now: number): Promise<number> {
    return (await this.#session.execute(deleteExpired.bind(this.#session.dialect, { now }))).changes;
  }
}
