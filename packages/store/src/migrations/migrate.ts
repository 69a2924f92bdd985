import { CodedError } from '@countersign/protocol';
import { type Kysely, sql } from 'kysely';
import { type Migration, type MigrationResultSet, Migrator } from 'kysely/migration';
import type { Dialect } from '../dialect/dialect.ts';
import { operationTables } from './0001-operation.ts';
import { runTables } from './0002-run.ts';
import { jobTables } from './0003-job.ts';
import { auditTables } from './0004-audit.ts';
import { evidenceTables } from './0005-evidence.ts';
import { proofTables } from './0006-proof.ts';
import { measureIndex } from './0007-measure.ts';
import { streamWriterTable } from './0008-stream-writer.ts';
import { retentionTables } from './0010-retention.ts';
import { personTables } from './0011-person.ts';
import { sessionTables } from './0012-session.ts';
import { factorTables } from './0013-factor.ts';
import { grantColumns } from './0014-grant.ts';
import { confirmationTable } from './0015-confirmation.ts';
import { freezeTables } from './0016-freeze.ts';
import { outwardTables } from './0017-outward.ts';
import { tokenUseTable } from './0018-token-use.ts';
import { signedWordColumns } from './0019-signed-word.ts';
import { draftTables } from './0020-draft.ts';
import { plannedByColumn } from './0023-planned-by.ts';
import { signInOwnerColumn } from './0025-sign-in-owner.ts';
import { enrolmentTables } from './0026-enrolment.ts';
import { streamWritersTable } from './0027-stream-writers.ts';
import { targetTables } from './0028-target.ts';
import { closedOperationIndex } from './0029-closed-operation.ts';
import { groupTable } from './0030-group.ts';
import type { SchemaChange } from './migration.ts';

/** Every change of the schema, oldest first. */
export const schemaChanges: readonly SchemaChange[] = [
  operationTables,
  runTables,
  jobTables,
  auditTables,
  evidenceTables,
  proofTables,
  measureIndex,
  streamWriterTable,
  retentionTables,
  personTables,
  sessionTables,
  factorTables,
  grantColumns,
  confirmationTable,
  freezeTables,
  outwardTables,
  tokenUseTable,
  signedWordColumns,
  draftTables,
  plannedByColumn,
  signInOwnerColumn,
  enrolmentTables,
  streamWritersTable,
  targetTables,
  closedOperationIndex,
  groupTable,
];

/** What a database has and lacks. */
export interface SchemaState {
  readonly executed: readonly string[];
  readonly pending: readonly string[];
}

/** Brings one database's schema up to date. All pending changes commit together, or none does. */
export class SchemaMigration {
  readonly #migrator: Migrator;

  constructor(db: Kysely<unknown>, dialect: Dialect, changes: readonly SchemaChange[] = schemaChanges) {
    const migrations = Object.fromEntries(changes.map((change) => [change.name, migrationOf(change, dialect)]));
    this.#migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } });
  }

  async state(): Promise<SchemaState> {
    const migrations = await this.#migrator.getMigrations();
    return {
      executed: migrations.filter((each) => each.executedAt !== undefined).map((each) => each.name),
      pending: migrations.filter((each) => each.executedAt === undefined).map((each) => each.name),
    };
  }

  /** Runs what is pending; throws E_CONFIG when the database was made by a newer version, E_STORE when a change fails. */
  async run(): Promise<void> {
    this.#refuse(await this.#migrator.migrateToLatest());
  }

  /** Brings an empty database to the schema that a dump has. Throws E_CONFIG when this version does not know that schema. */
  async runTo(schema: readonly string[]): Promise<void> {
    const known = (await this.#migrator.getMigrations()).map((each) => each.name);
    const last = schema.at(-1);
    if (last === undefined || schema.some((name, index) => known[index] !== name)) {
      const detail = { next: 'Restore with the version that made the backup, or a newer one.' };
      throw new CodedError('E_CONFIG', 'The backup has a schema that this version does not know.', detail);
    }
    this.#refuse(await this.#migrator.migrateTo(last));
  }

  #refuse({ error, results }: MigrationResultSet): void {
    if (error === undefined) return;
    const failed = results?.find((each) => each.status === 'Error');
    if (failed === undefined) {
      const detail = { next: 'Start the version that last used this database, or a newer one.' };
      throw new CodedError('E_CONFIG', 'The database has a schema that this version does not know.', detail, {
        cause: error,
      });
    }
    const message = `The change ${failed.migrationName} of the schema failed; nothing was changed.`;
    throw new CodedError('E_STORE', message, { migration: failed.migrationName }, { cause: error });
  }
}

function migrationOf(change: SchemaChange, dialect: Dialect): Migration {
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      for (const statement of change.statements(dialect)) await sql.raw(statement).execute(db);
    },
  };
}
