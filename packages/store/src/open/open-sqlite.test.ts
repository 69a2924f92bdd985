import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { tempFolder } from '@countersign/testing';
import { expect, onTestFinished, test, vi } from 'vitest';
import { hashChildren } from '../fixture/hashing.ts';
import { anAuditEntry } from '../fixture/rows.ts';
import { schemaChanges } from '../migrations/migrate.ts';
import type { SchemaChange } from '../migrations/migration.ts';
import { requireSqliteVersion } from '../sqlite/sqlite-connection.ts';
import { openSqlite, openSqliteWith, type SqliteOptions } from './open-sqlite.ts';
import type { EndedTransaction } from './store-options.ts';

function optionsFor(path: string): SqliteOptions {
  return { path, clock: { now: () => 1 }, hashChildren, report: () => {} };
}

async function openAt(path: string, changes?: readonly SchemaChange[]) {
  const store = await openSqliteWith(optionsFor(path), changes);
  onTestFinished(() => store.close());
  return store;
}

const added: SchemaChange = { name: '9998_added', statements: () => ['create table added (a integer) strict'] };
const failing: SchemaChange = {
  name: '9999_failing',
  statements: () => ['create table more (a)', 'no such statement'],
};

function tablesOf(path: string): string[] {
  const database = new DatabaseSync(path, { readOnly: true });
  const rows = database.prepare(`select name from sqlite_schema where type = 'table'`).all();
  database.close();
  return rows.map((row) => String(row['name']));
}

test('[sqlite] opens an empty folder, private to its owner, and the same file again without a backup', async () => {
  const path = join(tempFolder(), 'new', 'store.db');
  const first = await openAt(path);
  await first.write((unit) => unit.settings.set('a', 1));
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(`${path}-wal`).mode & 0o777).toBe(0o600);
  await first.close();
  const second = await openAt(path);
  expect(await second.read((reads) => reads.settings.get('a'))).toBe(1);
  expect(existsSync(`${path}.before-${schemaChanges.at(-1)?.name}`)).toBe(false);
});

test('[sqlite] a database that exists is copied before its schema changes', async () => {
  const path = join(tempFolder(), 'store.db');
  const before = await openAt(path);
  await before.write((unit) => unit.settings.set('a', 1));
  await before.close();
  const after = await openAt(path, [...schemaChanges, added]);
  expect(tablesOf(path)).toContain('added');
  expect(await after.read((reads) => reads.settings.get('a'))).toBe(1);
  const backup = `${path}.before-9998_added`;
  expect(tablesOf(backup)).not.toContain('added');
  const restored = await openAt(backup);
  expect(await restored.read((reads) => reads.settings.get('a'))).toBe(1);
});

test('[sqlite] a change that fails takes back all pending changes and says which it was', async () => {
  const path = join(tempFolder(), 'store.db');
  await (await openAt(path)).close();
  await expect(openAt(path, [...schemaChanges, added, failing])).rejects.toMatchObject({
    code: 'E_STORE',
    detail: { migration: '9999_failing' },
  });
  expect(tablesOf(path)).not.toContain('added');
  await (await openAt(path)).ping();
});

test('[sqlite] a database of a newer version is refused and left alone', async () => {
  const path = join(tempFolder(), 'store.db');
  await (await openAt(path, [...schemaChanges, added])).close();
  await expect(openAt(path)).rejects.toMatchObject({ code: 'E_CONFIG' });
  await openAt(path, [...schemaChanges, added]);
});

test('[sqlite] a second process is refused by the name of the first; kill -9 leaves nothing stale', async () => {
  const path = join(tempFolder(), 'store.db');
  const program = fileURLToPath(new URL('../fixture/hold-store.ts', import.meta.url));
  const child = spawn(process.execPath, [program, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  await once(child.stdout, 'data');
  await expect(openSqlite(optionsFor(path))).rejects.toMatchObject({
    code: 'E_STORE',
    message: `The database ${path} is held by process ${child.pid} on ${hostname()}.`,
    detail: { holder: { pid: child.pid, host: hostname(), since: 7 } },
  });
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
  const store = await openAt(path);
  expect(await store.read((reads) => reads.settings.get('child'))).toBe(child.pid);
});

test('[sqlite] the same process cannot open the file twice either', async () => {
  const path = join(tempFolder(), 'store.db');
  const first = await openAt(path);
  await expect(openSqlite(optionsFor(path))).rejects.toMatchObject({
    code: 'E_STORE',
    detail: { holder: { pid: process.pid } },
  });
  await first.close();
  await openAt(path);
});

test.each(['begin immediate', 'commit'])(
  '[sqlite] a failing %s fails its whole batch and nothing else',
  async (statement) => {
    const path = join(tempFolder(), 'store.db');
    // However slow the machine is, the three units are one batch.
    const store = await openSqliteWith({ ...optionsFor(path), batchMs: 60_000 }, undefined);
    onTestFinished(() => store.close());
    await store.write((unit) => unit.audit.append(anAuditEntry()));
    const real = DatabaseSync.prototype.exec;
    let fired = 0;
    const spy = vi.spyOn(DatabaseSync.prototype, 'exec').mockImplementation(function (this: DatabaseSync, sql) {
      if (sql === statement && fired++ === 0) {
        throw Object.assign(new Error('disk I/O error'), { code: 'ERR_SQLITE_ERROR', errcode: 10 });
      }
      real.call(this, sql);
    });
    onTestFinished(() => spy.mockRestore());
    const heard: number[] = [];
    const batch = await Promise.allSettled(
      [1, 2, 3].map((n) =>
        store.write(async (unit) => {
          unit.afterCommit(() => heard.push(n));
          await unit.settings.set(`n${n}`, n);
          await unit.audit.append(anAuditEntry());
          if (n === 3) throw new Error('its own');
        }),
      ),
    );
    expect(fired).toBeGreaterThan(0);
    const failed = batch.map((each) => (each.status === 'rejected' ? each.reason : null));
    const expected = expect.objectContaining({
      code: 'E_STORE',
      cause: expect.objectContaining({ detail: { sqlite: 10 } }),
    });
    expect(failed).toEqual([expected, expected, expected]);
    expect(heard).toEqual([]);
    const settings = await store.read((reads) => Promise.all([1, 2, 3].map((n) => reads.settings.get(`n${n}`))));
    expect(settings).toEqual([undefined, undefined, undefined]);
    await store.write((unit) => unit.audit.append(anAuditEntry()));
    const entries = await store.read((reads) => reads.audit.query({ limit: 10 }));
    expect(entries.map((entry) => entry.leafIndex)).toEqual([0, 1]);
  },
);

test('[sqlite] a SQLite that can corrupt a WAL is refused: versions before 3.51.3', () => {
  for (const version of ['3.51.2', '3.50.9', '2.99.99', '3.51']) {
    expect(() => requireSqliteVersion(version)).toThrow(expect.objectContaining({ code: 'E_CONFIG' }));
  }
  for (const version of ['3.51.3', '3.51.10', '3.53.0', '4.0.0']) requireSqliteVersion(version);
});

test('[sqlite] each transaction is observed with its units, and one that cannot begin as a failure', async () => {
  const path = join(tempFolder(), 'store.db');
  const ended: EndedTransaction[] = [];
  const store = await openSqlite({ ...optionsFor(path), observe: (transaction) => ended.push(transaction) });
  onTestFinished(() => store.close());
  const write = (key: string) => store.write((unit) => unit.settings.set(key, 1));
  await Promise.all(['a', 'b', 'c'].map(write));
  expect(ended.reduce((sum, { units }) => sum + units, 0)).toBe(3);
  expect(ended.length).toBeLessThan(3);
  expect(ended.every(({ outcome, durationMs }) => outcome === 'committed' && durationMs > 0)).toBe(true);
  ended.length = 0;
  using other = new DatabaseSync(path);
  other.exec('begin immediate');
  await expect(write('d')).rejects.toMatchObject({ code: 'E_STORE' });
  expect(ended).toMatchObject([{ outcome: 'failed', units: 1, retries: 0 }]);
});
