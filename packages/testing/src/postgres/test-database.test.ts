import { Client } from 'pg';
import { expect, it } from 'vitest';
import { createTestDatabase } from './test-database.ts';

async function query(connectionString: string, statement: string): Promise<unknown[]> {
  const client = new Client({ connectionString });
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}

it('gives every caller an empty database of its own [postgres]', async () => {
  await using first = await createTestDatabase();
  await using second = await createTestDatabase();
  await query(first.connectionString, 'CREATE TABLE only_here (id integer)');
  await expect(query(second.connectionString, 'SELECT * FROM only_here')).rejects.toThrow('does not exist');
});

it('sorts by a language unless COLLATE "C" is asked for, so that a forgotten one shows [postgres]', async () => {
  await using database = await createTestDatabase();
  const sorted = (collation: string) =>
    query(database.connectionString, `SELECT v FROM (VALUES ('a'), ('B')) AS t(v) ORDER BY v ${collation}`);
  expect(await sorted('')).toEqual([{ v: 'a' }, { v: 'B' }]);
  expect(await sorted('COLLATE "C"')).toEqual([{ v: 'B' }, { v: 'a' }]);
});

it('drops the database although somebody is still connected [postgres]', async () => {
  const database = await createTestDatabase();
  const client = new Client({ connectionString: database.connectionString });
  const cut = new Promise((resolve) => client.on('error', resolve));
  await client.connect();
  await database.drop();
  await cut;
  await expect(query(database.connectionString, 'SELECT 1')).rejects.toThrow('does not exist');
});
