import { CodedError } from '@countersign/protocol';
import { z } from 'zod';
import { makePool } from '../postgres/pool.ts';
import { translatePostgresError } from '../postgres/postgres-errors.ts';
import { requireDurableCommits } from './open-postgres.ts';

const Version = z.object({ server_version: z.string() });

/**
 * Looks whether a Postgres database can be used, and changes nothing; answers its version.
 * Throws E_STORE when it cannot be reached, E_CONFIG when its commits are not durable.
 */
export async function examinePostgres(url: string): Promise<string> {
  const pool = makePool({ url, maximum: 1, statementLimitMs: 5000 });
  pool.on('error', () => undefined);
  try {
    await requireDurableCommits(pool);
    const { rows } = await pool.query('show server_version');
    return `Postgres ${Version.parse(rows[0]).server_version}`;
  } catch (error) {
    throw error instanceof CodedError ? error : translatePostgresError(error);
  } finally {
    await pool.end();
  }
}
