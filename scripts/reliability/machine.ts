import { availableParallelism } from 'node:os';
import { DatabaseSync } from 'node:sqlite';
import { startPostgres } from '@countersign/testing/postgres';
import { Client } from 'pg';
import { z } from 'zod';

/** What the tests ran on: nothing that names the machine. */
export interface Machine {
  readonly cores: number;
  readonly node: string;
  readonly sqlite: string;
  readonly postgres: string;
}

function sqliteVersion(): string {
  const database = new DatabaseSync(':memory:');
  try {
    return z.object({ version: z.string() }).parse(database.prepare('select sqlite_version() as version').get())
      .version;
  } finally {
    database.close();
  }
}

async function postgresVersion(): Promise<string> {
  const server = await startPostgres();
  try {
    const client = new Client({ connectionString: await server.createDatabase() });
    await client.connect();
    const { rows } = await client.query('show server_version');
    await client.end();
    return z.object({ server_version: z.string() }).parse(rows[0]).server_version;
  } finally {
    await server.stop();
  }
}

/** Asks the databases themselves. */
export async function thisMachine(): Promise<Machine> {
  return {
    cores: availableParallelism(),
    node: process.versions.node,
    sqlite: sqliteVersion(),
    postgres: await postgresVersion(),
  };
}
