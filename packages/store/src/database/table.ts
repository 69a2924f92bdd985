import { CodedError } from '@countersign/protocol';
import { type RawBuilder, sql } from 'kysely';
import type { z } from 'zod';
import { type Prepared, preparedSql } from './prepared.ts';
import type { Session, SqlValue } from './statement.ts';

/** A row as the drivers take and give it. */
export type SqlRow = Record<string, SqlValue>;

/** The row schema of a table: its keys are the columns, its input what a driver gives, its output what a codec makes of it. */
export type RowSchema<Row extends SqlRow, Decoded> = z.ZodType<Decoded, Row> & {
  readonly shape: Record<string, unknown>;
};

/** One table with the statements that every repository needs, prepared from its row schema. */
export class Table<Row extends SqlRow, Decoded, Key extends keyof Row & string> {
  readonly #name: string;
  readonly #schema: RowSchema<Row, Decoded>;
  readonly #insert: Prepared<Row>;
  readonly #insertNew: Prepared<Row>;
  readonly #upsert: Prepared<Row>;
  readonly #update: Prepared<Row>;
  readonly #select: Prepared<Pick<Row, Key>>;
  readonly #lock: Prepared<Pick<Row, Key>>;

  /** `fixed` columns are written by an insert only. */
  constructor(name: string, schema: RowSchema<Row, Decoded>, key: readonly Key[], fixed: readonly string[] = []) {
    this.#name = name;
    this.#schema = schema;
    const columns = Object.keys(schema.shape);
    const table = sql.table(name);
    const changing = columns.filter((column) => !key.some((each) => each === column) && !fixed.includes(column));
    const keyList = sql.join(key.map((each) => sql.ref(each)));
    const insert = (parameter: (column: string) => RawBuilder<unknown>) =>
      sql`insert into ${table} (${sql.join(columns.map((each) => sql.ref(each)))}) values (${sql.join(columns.map(parameter))})`;
    const assign = (value: (column: string) => RawBuilder<unknown>) =>
      sql.join(changing.map((each) => sql`${sql.ref(each)} = ${value(each)}`));
    const where = (parameter: (column: Key) => RawBuilder<unknown>) =>
      sql.join(
        key.map((each) => sql`${sql.ref(each)} = ${parameter(each)}`),
        sql` and `,
      );
    this.#insert = preparedSql((parameter) => insert(parameter));
    this.#insertNew = preparedSql((parameter) => sql`${insert(parameter)} on conflict do nothing`);
    this.#upsert = preparedSql(
      (parameter) =>
        sql`${insert(parameter)} on conflict (${keyList}) do update set ${assign((each) => sql`excluded.${sql.ref(each)}`)}`,
    );
    this.#update = preparedSql((parameter) => sql`update ${table} set ${assign(parameter)} where ${where(parameter)}`);
    this.#select = preparedSql((parameter) => sql`select * from ${table} where ${where(parameter)}`);
    this.#lock = preparedSql(
      (parameter, dialect) => sql`select * from ${table} where ${where(parameter)} ${dialect.forUpdate}`,
    );
  }

  async insert(session: Session, row: Row): Promise<void> {
    await session.execute(this.#insert.bind(session.dialect, row));
  }

  /** Inserts unless a unique key is taken; false when it is. Waits for a concurrent unit that holds the key. */
  async insertNew(session: Session, row: Row): Promise<boolean> {
    const { changes } = await session.execute(this.#insertNew.bind(session.dialect, row));
    return changes > 0;
  }

  async upsert(session: Session, row: Row): Promise<void> {
    await session.execute(this.#upsert.bind(session.dialect, row));
  }

  /** False when there is no such row. */
  async update(session: Session, row: Row): Promise<boolean> {
    const { changes } = await session.execute(this.#update.bind(session.dialect, row));
    return changes > 0;
  }

  async get(session: Session, key: Pick<Row, Key>): Promise<Decoded | null> {
    const { rows } = await session.execute(this.#select.bind(session.dialect, key));
    return rows.length === 0 ? null : this.decode(rows[0]);
  }

  /** Reads one row and locks it until the unit ends. */
  async lock(session: Session, key: Pick<Row, Key>): Promise<Decoded | null> {
    const { rows } = await session.execute(this.#lock.bind(session.dialect, key));
    return rows.length === 0 ? null : this.decode(rows[0]);
  }

  /** What the codec makes of a driver's row. Throws E_INTERNAL for a row that the product never wrote. */
  decode(row: unknown): Decoded {
    try {
      return this.#schema.parse(row);
    } catch (cause) {
      throw new CodedError('E_INTERNAL', `A stored row of ${this.#name} cannot be read.`, {}, { cause });
    }
  }
}
