import { Client } from 'pg';
import { afterEach, expect, it, vi } from 'vitest';
import { startPostgres } from './start-postgres.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

it("runs npm's Postgres when that is asked for, and leaves nothing behind [postgres]", async () => {
  vi.stubEnv('COUNTERSIGN_TEST_POSTGRES', 'embedded');
  const server = await startPostgres();
  expect(server.source).toBe('embedded');
  const connectionString = await server.createDatabase();
  const client = new Client({ connectionString });
  client.on('error', () => {});
  await client.connect();
  const { rows } = await client.query("SELECT current_setting('listen_addresses') AS listens, version()");
  expect(rows[0]).toMatchObject({ listens: '127.0.0.1', version: expect.stringContaining('PostgreSQL 18') });
  await server.stop();
  await expect(new Client({ connectionString }).connect()).rejects.toThrow('ECONNREFUSED');
});

it('says what may be asked for instead of taking another Postgres [postgres]', async () => {
  vi.stubEnv('COUNTERSIGN_TEST_POSTGRES', 'embeded');
  await expect(startPostgres()).rejects.toThrow('it may be "embedded"');
});
