import { once } from 'node:events';
import { createServer, connect as dial, type Socket } from 'node:net';
import { createTestDatabase } from '@countersign/testing';
import { Client } from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { hashChildren } from '../fixture/hashing.ts';
import { anAuditEntry } from '../fixture/rows.ts';
import { openPostgres, type PostgresOptions } from './open-postgres.ts';
import type { EndedTransaction, StoreWarning } from './store-options.ts';

async function testDatabase(): Promise<string> {
  const database = await createTestDatabase();
  onTestFinished(() => database.drop());
  return database.connectionString;
}

async function openAt(url: string, change: Partial<PostgresOptions> = {}) {
  const warnings: StoreWarning[] = [];
  const report = (warning: StoreWarning) => warnings.push(warning);
  const store = await openPostgres({ url, clock: { now: () => 1 }, hashChildren, report, ...change });
  onTestFinished(() => store.close());
  return { store, warnings };
}

async function run(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(sql).finally(() => client.end());
}

test('[postgres] four servers bring up an empty database at once, and one again later', async () => {
  const url = await testDatabase();
  const opened = await Promise.all(Array.from({ length: 4 }, () => openAt(url)));
  await opened[0]?.store.write((unit) => unit.settings.set('a', 1));
  expect(await opened[3]?.store.read((reads) => reads.settings.get('a'))).toBe(1);
  const again = await openAt(url);
  expect(await again.store.read((reads) => reads.settings.get('a'))).toBe(1);
});

test('[postgres] units that deadlock both succeed, one of them at a second try', async () => {
  const ended: EndedTransaction[] = [];
  const { store } = await openAt(await testDatabase(), { observe: (transaction) => ended.push(transaction) });
  let begun = 0;
  let meet = () => {};
  const both = new Promise<void>((resolve) => {
    meet = resolve;
  });
  await store.write(async (unit) => {
    await unit.settings.set('x', 0);
    await unit.settings.set('y', 0);
  });
  const cross = (first: string, second: string) =>
    store.write(async (unit) => {
      begun += 1;
      await unit.settings.set(first, begun);
      if (begun >= 2) meet();
      await both;
      await unit.settings.set(second, begun);
      return 'done';
    });
  expect(await Promise.all([cross('x', 'y'), cross('y', 'x')])).toEqual(['done', 'done']);
  expect(begun).toBe(3);
  // The sequencer's own may be among them.
  expect(ended.filter(({ retries }) => retries > 0)).toMatchObject([{ outcome: 'committed', units: 1, retries: 1 }]);
  expect(ended.length).toBeGreaterThanOrEqual(3);
});

test('[postgres] what a unit refuses itself is no failure of the database; a connection that is gone for good is', async () => {
  const url = await testDatabase();
  const ended: EndedTransaction[] = [];
  const { store } = await openAt(url, { observe: (transaction) => ended.push(transaction), unitLimitMs: 300 });
  await expect(store.write(async () => Promise.reject(new Error('refused')))).rejects.toThrow('refused');
  const failed = () => ended.filter(({ outcome }) => outcome === 'failed');
  expect(failed()).toEqual([]);
  await expect(store.write(() => new Promise(() => undefined))).rejects.toMatchObject({ code: 'E_STORE' });
  expect(failed()).toMatchObject([{ units: 1, retries: 0, durationMs: expect.any(Number) }]);
});

test('[postgres] a backend killed before COMMIT: the unit runs again and is written once', async () => {
  const url = await testDatabase();
  const { store } = await openAt(url);
  let tries = 0;
  await store.write(async (unit) => {
    tries += 1;
    await unit.audit.append(anAuditEntry());
    if (tries === 1)
      await run(
        url,
        `select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid() and state = 'idle in transaction'`,
      );
    await unit.settings.set('a', tries);
  });
  expect(tries).toBe(2);
  await store.sequence();
  expect(await store.read((reads) => reads.audit.size())).toEqual({ treeSize: 1, unsequenced: 0 });
  expect(await store.read((reads) => reads.settings.get('a'))).toBe(2);
});

test('[postgres] all connections killed while idle: reads and writes go on', async () => {
  const url = await testDatabase();
  const { store } = await openAt(url);
  await Promise.all(Array.from({ length: 5 }, (_, n) => store.write((unit) => unit.settings.set(`k${n}`, n))));
  await run(
    url,
    'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
  );
  expect(await store.read((reads) => reads.settings.get('k3'))).toBe(3);
  await store.write((unit) => unit.settings.set('k3', 4));
});

test('[postgres] a connection lost during COMMIT is an unknown outcome, and not run again', async () => {
  const url = new URL(await testDatabase());
  // Cuts a connection when it sees the COMMIT of a unit that wrote the word of the test.
  let armed = false;
  let cut = 0;
  const proxy = createServer((client: Socket) => {
    const server = dial(Number(url.port), url.hostname);
    for (const socket of [client, server]) socket.on('error', () => {});
    client.on('data', (chunk) => {
      server.write(chunk);
      if (!armed || !chunk.includes('commit')) return;
      armed = false;
      cut += 1;
      client.destroy();
    });
    server.on('data', (chunk) => client.write(chunk));
    client.on('close', () => server.end());
    server.on('close', () => client.destroy());
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  onTestFinished(() => {
    proxy.close();
  });
  const address = proxy.address();
  if (typeof address !== 'object' || address === null) throw new Error('The proxy has no port.');
  const behind = new URL(url);
  behind.port = String(address.port);
  const { store } = await openAt(behind.href);
  let tries = 0;
  const unit = store.write(async (work) => {
    tries += 1;
    await work.settings.set('a', tries);
    armed = true;
  });
  await expect(unit).rejects.toMatchObject({ code: 'E_STORE', detail: { outcome: 'unknown' } });
  expect([tries, cut]).toEqual([1, 1]);
  await store.write((work) => work.settings.set('b', 1));
});

test('[postgres] no server is E_STORE; commits that are not durable are E_CONFIG', async () => {
  const url = new URL(await testDatabase());
  const nobody = new URL(url);
  nobody.port = '1';
  await expect(openAt(nobody.href)).rejects.toMatchObject({ code: 'E_STORE' });
  await run(url.href, `alter database ${url.pathname.slice(1)} set synchronous_commit = off`);
  await expect(openAt(url.href)).rejects.toMatchObject({ code: 'E_CONFIG' });
});

test('[postgres] two servers sequence the same audit without gap or twin', async () => {
  const url = await testDatabase();
  const servers = await Promise.all([openAt(url), openAt(url)]);
  await Promise.all(
    servers.flatMap(({ store }) =>
      Array.from({ length: 60 }, () => store.write((unit) => unit.audit.append(anAuditEntry()))),
    ),
  );
  await Promise.all(servers.map(({ store }) => store.sequence()));
  const [first] = servers;
  const entries = await first?.store.read((reads) => reads.audit.query({ limit: 1000 }));
  expect(entries?.map((entry) => entry.leafIndex)).toEqual(Array.from({ length: 120 }, (_, index) => index));
  expect(servers.flatMap(({ warnings }) => warnings.filter((each) => each.kind === 'sequencer_failed'))).toEqual([]);
});
