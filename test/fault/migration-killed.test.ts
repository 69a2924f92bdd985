import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type OpenedStore, openPostgres, openSqlite } from '@countersign/store';
import { createTestDatabase, reportFault, startChild, tempFolder } from '@countersign/testing';
import { Client } from 'pg';
import { expect, test } from 'vitest';
import { hashChildren } from '../../packages/store/src/fixture/hashing.ts';
import { anAuditEntry } from '../../packages/store/src/fixture/rows.ts';
import { schemaChanges } from '../../packages/store/src/migrations/migrate.ts';
import { openSqliteWith } from '../../packages/store/src/open/open-sqlite.ts';

const full = process.env['COUNTERSIGN_FAULTS'] === 'full';
const stride = full ? 1 : 31;
const first = 1 + (Math.floor(performance.timeOrigin) % stride);
const program = join(import.meta.dirname, 'store/open-stepwise.ts');
const shared = { clock: { now: () => 1 }, hashChildren, report: () => {} };

/** Opens a database in a process that may kill itself; answers how many statements it took, or null when it died. */
async function openIn(place: string, strikeAt: number): Promise<number | null> {
  const child = await startChild(process.execPath, [program, place, String(strikeAt)]);
  const { code, signal } = await child.exited;
  if (signal === 'SIGKILL') return null;
  if (code !== 0) throw new Error(child.stderr());
  return Number(/after (\d+) statements/.exec(child.stdout())?.[1]);
}

async function usable(store: OpenedStore, kept: number | undefined): Promise<void> {
  expect(await store.read((reads) => reads.settings.get('kept'))).toBe(kept);
  await store.write(async (unit) => {
    await unit.settings.set('after', 1);
    await unit.audit.append(anAuditEntry());
  });
  await store.sequence();
  expect(await store.read((reads) => reads.audit.size())).toEqual({
    treeSize: kept === undefined ? 1 : 2,
    unsequenced: 0,
  });
}

/** A database of the schema's first four changes with one setting and one entry: the rest is to be migrated. */
async function olderSqlite(): Promise<string> {
  const path = join(tempFolder(), 'older.db');
  const store = await openSqliteWith({ path, ...shared }, schemaChanges.slice(0, 4));
  await store.write(async (unit) => {
    await unit.settings.set('kept', 7);
    await unit.audit.append(anAuditEntry());
  });
  await store.close();
  return path;
}

const strikes = (statements: number): number[] =>
  Array.from({ length: statements }, (_, index) => index + 1)
    .filter((number) => (number - first) % stride === 0)
    .flatMap((number) => (full || number % 2 === 0 ? [number, -number] : [number]));

test.each(['empty', 'older'])(
  '[sqlite] killed at each statement of the start on an %s database',
  { timeout: 900_000 },
  async (kind) => {
    const older = kind === 'older' ? await olderSqlite() : null;
    const fresh = (): string => {
      const path = join(tempFolder(), 'store.db');
      if (older !== null) copyFileSync(older, path);
      return path;
    };
    const statements = (await openIn(fresh(), 0)) ?? 0;
    expect(statements).toBeGreaterThan(20);
    let killed = 0;
    for (const at of strikes(statements)) {
      const path = fresh();
      if ((await openIn(path, at)) === null) killed += 1;
      const store = await openSqlite({ path, ...shared });
      await usable(store, older === null ? undefined : 7);
      await store.close();
      if (older === null) continue;
      // The copy made before the schema changed is whole, and of the older schema.
      const backup = `${path}.before-${schemaChanges.at(-1)?.name}`;
      expect(existsSync(backup)).toBe(true);
      const database = new DatabaseSync(backup, { readOnly: true });
      expect(database.prepare('pragma integrity_check').get()).toEqual({ integrity_check: 'ok' });
      expect(database.prepare('select count(*) as n from audit').get()).toEqual({ n: 1 });
      expect(database.prepare("select 1 from sqlite_schema where name = 'evidence'").get()).toBeUndefined();
      database.close();
    }
    await reportFault({
      fault: 'migration-killed',
      point: `sqlite, ${kind} database`,
      fired: killed,
      lost: 0,
      twice: 0,
      held: `of ${statements} statements; the next start repairs${older === null ? '' : ', rows and the copy made before are whole'}`,
    });
  },
);

test('[postgres] killed at each statement of the start on an empty database', { timeout: 900_000 }, async () => {
  const attempt = async (strikeAt: number): Promise<number | null> => {
    await using database = await createTestDatabase();
    const url = database.connectionString;
    const statements = await openIn(url, strikeAt);
    const store = await openPostgres({ url, ...shared });
    await usable(store, undefined);
    await store.close();
    return statements;
  };
  const statements = (await attempt(0)) ?? 0;
  expect(statements).toBeGreaterThan(20);
  let killed = 0;
  for (const at of strikes(statements)) if ((await attempt(at)) === null) killed += 1;
  const held = `of ${statements} statements; the next start repairs`;
  await reportFault({
    fault: 'migration-killed',
    point: 'postgres, empty database',
    fired: killed,
    lost: 0,
    twice: 0,
    held,
  });
});

test('[postgres] two processes migrate at once, and one of them is killed', { timeout: 300_000 }, async () => {
  await using database = await createTestDatabase();
  const url = database.connectionString;
  const both = await Promise.all([openIn(url, 0), openIn(url, 0)]);
  expect(both.every((statements) => statements !== null)).toBe(true);
  let killed = 0;
  for (const at of full ? [3, 9, 15, 21, 27, 33, 39, 45, 51] : [9, 33]) {
    await using another = await createTestDatabase();
    const [died, lived] = await Promise.all([
      openIn(another.connectionString, at),
      openIn(another.connectionString, 0),
    ]);
    if (died === null) killed += 1;
    expect(lived).not.toBeNull();
    const store = await openPostgres({ url: another.connectionString, ...shared });
    await usable(store, undefined);
    await store.close();
    const client = new Client({ connectionString: another.connectionString });
    await client.connect();
    const { rows } = await client.query('select name from kysely_migration order by name');
    await client.end();
    expect(rows.map((row) => row.name)).toEqual(schemaChanges.map((change) => change.name));
  }
  await reportFault({
    fault: 'migration-killed',
    point: 'postgres, two processes at once',
    fired: killed,
    lost: 0,
    twice: 0,
  });
});
