import type { SignInState, SignInStateWrites } from '@countersign/kernel';
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
const deleteExpired = preparedSql<{ now: number }>(
  (parameter) => sql`delete from sign_in_state where expires_at <= ${parameter('now')}`,
);

/** What is remembered between the two halves of a proof. */
export class SignInStateRepository implements SignInStateWrites {
  readonly #session: Session;
  constructor(session: Session) {
    this.#session = session;
  }

  async count(kind: SignInState['kind']): Promise<number> {
    return Count.parse(await firstRow(this.#session, countOf.bind(this.#session.dialect, { kind }))).count;
  }

  async insert({ id, kind, detail, expiresAt }: SignInState): Promise<void> {
    await table.insert(this.#session, { id, kind, detail: jsonText(detail), expires_at: expiresAt });
  }

  async take(id: string, kind: SignInState['kind'], now: number): Promise<SignInState | null> {
    const row = await firstRow(this.#session, take.bind(this.#session.dialect, { id, kind, now }));
    if (row === null) return null;
    const { expires_at: expiresAt, ...rest } = table.decode(row);
    return { ...rest, expiresAt };
  }

  async deleteExpired(now: number): Promise<number> {
    return (await this.#session.execute(deleteExpired.bind(this.#session.dialect, { now }))).changes;
  }
}
