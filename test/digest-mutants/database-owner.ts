import { DatabaseSync, type SQLOutputValue } from 'node:sqlite';

type Row = Record<string, SQLOutputValue>;

/** Every row of the database but the audit log, as it stood. */
export type Snapshot = ReadonlyMap<string, readonly Row[]>;

/** What somebody can do who owns the database file: read and write any row behind the product's back. */
export class DatabaseOwner implements Disposable {
  readonly #database: DatabaseSync;
  readonly #tables: readonly string[];

  constructor(path: string) {
    this.#database = new DatabaseSync(path, { enableForeignKeyConstraints: false, timeout: 5000 });
    this.#database.exec('pragma synchronous = off');
    const tables = this.#database
      .prepare("select name from sqlite_master where type = 'table' and name not like 'sqlite%'")
      .all();
    this.#tables = tables
      .map(({ name }) => String(name))
      .filter((name) => !/^(audit|migration|checkpoint|tile|worker)/.test(name));
  }

  /** One value of one row. */
  value(table: string, column: string, where: string): SQLOutputValue {
    return this.#database.prepare(`select ${column} as value from ${table} where ${where}`).get()?.['value'] ?? null;
  }

  /** Overwrites one value; false when the database's own checks refuse it. */
  edit(table: string, column: string, where: string, value: SQLOutputValue): boolean {
    try {
      this.#database.prepare(`update ${table} set ${column} = ? where ${where}`).run(value);
      return true;
    } catch (error) {
      if (error instanceof Error && /constraint/i.test(error.message)) return false;
      throw error;
    }
  }

  snapshot(): Snapshot {
    return new Map(this.#tables.map((table) => [table, this.#database.prepare(`select * from ${table}`).all()]));
  }

  /** Puts every row back as it stood. */
  restore(snapshot: Snapshot): void {
    this.#database.exec('begin immediate');
    for (const [table, rows] of snapshot) {
      this.#database.exec(`delete from ${table}`);
      for (const row of rows) {
        const columns = Object.keys(row);
        const marks = columns.map(() => '?').join(', ');
        this.#database
          .prepare(`insert into ${table} (${columns.join(', ')}) values (${marks})`)
          .run(...Object.values(row));
      }
    }
    this.#database.exec('commit');
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }
}
