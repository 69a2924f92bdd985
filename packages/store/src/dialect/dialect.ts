import type { Kysely, RawBuilder } from 'kysely';
import type { Tables } from '../database/tables.ts';

/** Builds and compiles queries; has no connection. */
export type QueryBuilder = Kysely<Tables>;

/** Column types and clauses of one database; everything else is the same SQL. */
export interface ColumnTypes {
  /** Text that compares by bytes. */
  readonly text: string;
  readonly integer: string;
  readonly flag: string;
  readonly bytes: string;
  /** A row number in order of insertion, given by the database. */
  readonly position: string;
  /** What follows the closing parenthesis of a table. */
  readonly tableOptions: string;
}

/** What differs between the databases. */
export interface Dialect {
  readonly name: 'sqlite' | 'postgres';
  readonly builder: QueryBuilder;
  readonly types: ColumnTypes;
  /** Locks the rows read until the unit ends. */
  readonly forUpdate: RawBuilder<unknown>;
  /** Keeps the rows read from being changed until the unit ends; others may read them so as well. */
  readonly forShare: RawBuilder<unknown>;
  /** Like `forUpdate`, passing over rows that others hold. */
  readonly forUpdateSkipLocked: RawBuilder<unknown>;
  /** Epoch milliseconds by the database's clock. */
  readonly now: RawBuilder<number>;
  /** The texts of a JSON array, as a one-column query. */
  textsOf(list: RawBuilder<string>): RawBuilder<string>;
  /** Whether units run side by side, so that what they share must be locked by name. */
  readonly concurrentUnits: boolean;
}
