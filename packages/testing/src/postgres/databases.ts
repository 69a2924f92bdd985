import { randomBytes } from 'node:crypto';
import { Client } from 'pg';

type UrlOf = (databaseName: string) => string;

/** Creates an empty database under a fresh name and returns its connection string. */
export async function createDatabase(url: UrlOf): Promise<string> {
  const name = `test_${randomBytes(8).toString('hex')}`;
  // FILE_COPY is the faster strategy where fsync is off.
  await asAdministrator(url, `CREATE DATABASE ${name} TEMPLATE template0 STRATEGY FILE_COPY`);
  return url(name);
}

/** Drops a database that `createDatabase` made, whoever is still connected. */
export async function dropDatabase(url: UrlOf, connectionString: string): Promise<void> {
  const name = new URL(connectionString).pathname.slice(1);
  if (!/^test_[0-9a-f]+$/.test(name)) throw new Error(`Not a database of the tests: ${name}`);
  await asAdministrator(url, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
}

async function asAdministrator(url: UrlOf, statement: string): Promise<void> {
  const client = new Client({ connectionString: url('postgres') });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
