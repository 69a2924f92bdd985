import type { TokenUse, TokenUseWrites } from '@countersign/kernel';
import { sql } from 'kysely';
import { z } from 'zod';
import { flag, integer } from '../codec/column.ts';
import { preparedSql } from '../database/prepared.ts';
import { firstRow, type Session } from '../database/statement.ts';

/** Columns of `token_use`. */
export const TokenUseRow = z.object({
  token_id: z.string(),
  day: integer,
  address: z.string(),
  uses: integer,
  first_at: integer,
  last_at: integer,
  told: flag,
});
export type TokenUseRow = z.input<typeof TokenUseRow>;

const Seen = z.object({ ever: integer, here: integer });
const Count = z.object({ count: integer });

const addUse = preparedSql<Omit<TokenUseRow, 'told'>>(
  (parameter) => sql`insert into token_use (token_id, day, address, uses, first_at, last_at, told)
    values (${parameter('token_id')}, ${parameter('day')}, ${parameter('address')}, ${parameter('uses')},
      ${parameter('first_at')}, ${parameter('last_at')}, 0)
    on conflict (token_id, address, day) do update set
      uses = token_use.uses + excluded.uses,
      first_at = case when excluded.first_at < token_use.first_at then excluded.first_at else token_use.first_at end,
      last_at = case when excluded.last_at > token_use.last_at then excluded.last_at else token_use.last_at end`,
);
const seenBefore = preparedSql<{ token_id: string; address: string }>(
  (parameter) => sql`select
    (select count(*) from (select 1 from token_use where token_id = ${parameter('token_id')} limit 1) as any_use) as ever,
    (select count(*) from (select 1 from token_use
      where token_id = ${parameter('token_id')} and address = ${parameter('address')} limit 1) as same_use) as here`,
);
const placesOf = preparedSql<{ token_id: string; day: number }>(
  (parameter) => sql`select count(*) as count from token_use
    where token_id = ${parameter('token_id')} and day = ${parameter('day')}`,
);
const takeOld = preparedSql<{ day: number; tokens: number }>(
  (parameter) => sql`update token_use set told = 1
    where told = 0 and day < ${parameter('day')} and token_id in (
      select distinct token_id from token_use
      where told = 0 and day < ${parameter('day')} order by token_id limit ${parameter('tokens')})
    returning *`,
);
const forgetOld = preparedSql<{ day: number }>(
  (parameter) => sql`delete from token_use where told = 1 and day < ${parameter('day')}`,
);

/** From where tokens are used. */
export class TokenUseRepository implements TokenUseWrites {
  readonly #session: Session;
  constructor(session: Session) {
    this.#session = session;
  }

  async seen(tokenId: string, address: string): Promise<{ ever: boolean; here: boolean }> {
    const statement = seenBefore.bind(this.#session.dialect, { token_id: tokenId, address });
    const { ever, here } = Seen.parse(await firstRow(this.#session, statement));
    return { ever: ever > 0, here: here > 0 };
  }

  async places(tokenId: string, day: number): Promise<number> {
    const statement = placesOf.bind(this.#session.dialect, { token_id: tokenId, day });
    return Count.parse(await firstRow(this.#session, statement)).count;
  }

  async add({ tokenId, day, address, uses, firstAt, lastAt }: TokenUse): Promise<void> {
    const row = { token_id: tokenId, day, address, uses, first_at: firstAt, last_at: lastAt };
    await this.#session.execute(addUse.bind(this.#session.dialect, row));
  }

  async takeUntold(day: number, tokens: number): Promise<TokenUse[]> {
    const { rows } = await this.#session.execute(takeOld.bind(this.#session.dialect, { day, tokens }));
    return rows.map((row) => {
      const read = TokenUseRow.parse(row);
      const { token_id: tokenId, address, uses, first_at: firstAt, last_at: lastAt } = read;
      return { tokenId, day: read.day, address, uses, firstAt, lastAt };
    });
  }

  async forget(beforeDay: number): Promise<number> {
    return (await this.#session.execute(forgetOld.bind(this.#session.dialect, { day: beforeDay }))).changes;
  }
}
