import { type Compilable, type RawBuilder, sql } from 'kysely';
import type { Dialect, QueryBuilder } from '../dialect/dialect.ts';
import type { SqlValue, Statement } from './statement.ts';

/** Stands in a query for a value that is given when the query runs. */
class Placeholder {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

/** Makes the placeholder of a named parameter. */
export type Parameter<Parameters> = <Name extends keyof Parameters & string>(
  name: Name,
) => RawBuilder<Parameters[Name]>;

/**
 * A query that is built and compiled once per dialect and then only bound: building one with Kysely costs several
 * times what SQLite needs to run it.
 */
export class Prepared<Parameters extends Record<string, SqlValue>> {
  readonly #build: (db: QueryBuilder, parameter: Parameter<Parameters>, dialect: Dialect) => Compilable;
  readonly #compiled = new Map<Dialect, Statement>();

  constructor(build: (db: QueryBuilder, parameter: Parameter<Parameters>, dialect: Dialect) => Compilable) {
    this.#build = build;
  }

  /** The statement with its values. */
  bind(dialect: Dialect, values: Parameters): Statement {
    const { sql, parameters } = this.#compiled.get(dialect) ?? this.#compile(dialect);
    return { sql, parameters: parameters.map((each) => (each instanceof Placeholder ? values[each.name] : each)) };
  }

  #compile(dialect: Dialect): Statement {
    const { sql: text, parameters } = this.#build(
      dialect.builder,
      (name) => sql`${new Placeholder(name)}`,
      dialect,
    ).compile();
    const compiled = { sql: text, parameters };
    this.#compiled.set(dialect, compiled);
    return compiled;
  }
}

/** A prepared query written as SQL. */
export function preparedSql<Parameters extends Record<string, SqlValue>>(
  write: (parameter: Parameter<Parameters>, dialect: Dialect) => RawBuilder<unknown>,
): Prepared<Parameters> {
  return new Prepared((db, parameter, dialect) => {
    const raw = write(parameter, dialect);
    return { compile: () => raw.compile(db) };
  });
}
