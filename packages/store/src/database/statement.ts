import type { Dialect } from '../dialect/dialect.ts';

/** What may be bound: SQLite takes neither booleans nor dates, so nothing else exists here. */
export type SqlValue = string | number | Uint8Array | null;

/** SQL text with its parameters in order. */
export interface Statement {
  readonly sql: string;
  readonly parameters: readonly unknown[];
}

/** Rows are `unknown`: only a codec makes them typed. `changes` counts rows written. */
export interface Result {
  readonly rows: readonly unknown[];
  readonly changes: number;
}

/** One connection for the length of one unit or read. Refuses everything once that is over. */
export interface Session {
  readonly dialect: Dialect;
  execute(statement: Statement): Promise<Result>;
}

/** Executes and answers the only row, or null. */
export async function firstRow(session: Session, statement: Statement): Promise<unknown> {
  const { rows } = await session.execute(statement);
  return rows[0] ?? null;
}
