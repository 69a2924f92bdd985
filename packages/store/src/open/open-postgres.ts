import { CodedError } from '@countersign/protocol';
import { Kysely, PostgresDialect } from 'kysely';
import type { Pool } from 'pg';
import { z } from 'zod';
import { postgresDialect } from '../dialect/postgres-dialect.ts';
import { SchemaMigration } from '../migrations/migrate.ts';
import { makePool } from '../postgres/pool.ts';
import { translatePostgresError } from '../postgres/postgres-errors.ts';
import { PostgresHints } from '../postgres/postgres-hints.ts';
import { PostgresStore } from '../postgres/postgres-store.ts';
import { SequencerLoop } from '../postgres/sequencer-loop.ts';
import { Transactions } from '../postgres/transactions.ts';
import type { OpenedStore } from './opened-store.ts';
import type { StoreOptions } from './store-options.ts';

/** How to open a Postgres database. */
export interface PostgresOptions extends StoreOptions {
  /** `postgresql://user:password@host:port/database`. */
  readonly url: string;
  /** Connections at most; 10 by default. */
  readonly connections?: number;
  /** How often to look for audit entries that a server left without leaf index; 500 by default. */
  readonly sequenceEveryMs?: number;
}

/**
 * Connects and brings the schema up to date; several servers may do so at once.
 * Throws E_STORE when the server cannot be reached, E_CONFIG when its commits are not durable or the schema is too new.
 */
export async function openPostgres(options: PostgresOptions): Promise<OpenedStore> {
  const { url, hashChildren, report, slowUnitMs = 50, unitLimitMs = 10_000 } = options;
  await prepareDatabase(url);
  const pool = makePool({ url, maximum: options.connections ?? 10, statementLimitMs: unitLimitMs });
  pool.on('error', (error) => report({ kind: 'connection_lost', error }));
  const observe = options.observe ?? (() => undefined);
  const transactions = new Transactions(pool, { report, slowUnitMs, unitLimitMs }, observe);
  const everyMs = options.sequenceEveryMs ?? 500;
  const sequencer = new SequencerLoop({ transactions, hashChildren, report, everyMs });
  return new PostgresStore({ pool, transactions, sequencer, hints: new PostgresHints(url, report), report });
}

/** Migrations may take longer than any unit, so they have connections of their own. */
async function prepareDatabase(url: string): Promise<void> {
  const pool = makePool({ url, maximum: 2, statementLimitMs: null });
  // A connection lost in between fails the statement that needs it.
  pool.on('error', () => undefined);
  try {
    await requireDurableCommits(pool);
    const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
    await new SchemaMigration(db, postgresDialect).run();
  } catch (error) {
    throw error instanceof CodedError ? error : translatePostgresError(error);
  } finally {
    await pool.end();
  }
}

const Durability = z.object({ synchronous_commit: z.string() });

/** Throws E_CONFIG for a database that answers before a commit is durable. */
export async function requireDurableCommits(pool: Pool): Promise<void> {
  const { rows } = await pool.query('show synchronous_commit');
  if (Durability.parse(rows[0]).synchronous_commit !== 'off') return;
  const detail = { next: 'Set synchronous_commit to on for this database or role.' };
  throw new CodedError('E_CONFIG', 'Postgres would answer before a commit is durable.', detail);
}
