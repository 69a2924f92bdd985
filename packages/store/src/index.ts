export { openArtifacts } from './artifact/open-artifacts.ts';
export type { HashChildren } from './audit/sequencer.ts';
export { openPostgres, type PostgresOptions } from './open/open-postgres.ts';
export { openSqlite, type SqliteOptions } from './open/open-sqlite.ts';
export type { OpenedStore } from './open/opened-store.ts';
export type { StoreOptions, StoreWarning } from './open/store-options.ts';
