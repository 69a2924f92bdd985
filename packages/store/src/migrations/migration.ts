import type { Dialect } from '../dialect/dialect.ts';

/** One step of the schema: statements for a dialect. Never changed once released. */
export interface SchemaChange {
  /** Four digits and what it brings; the order of names is the order of migration. */
  readonly name: string;
  statements(dialect: Dialect): readonly string[];
}
