import { join } from 'node:path';
import { DatabaseSync, StatementSync } from 'node:sqlite';
import { tempFolder } from '@countersign/testing';
import { expect, onTestFinished, test, vi } from 'vitest';
import { hashChildren } from '../fixture/hashing.ts';
import { anAuditEntry } from '../fixture/rows.ts';
import { openSqlite } from '../open/open-sqlite.ts';

async function openStore() {
  const path = join(tempFolder(), 'store.db');
  const store = await openSqlite({ path, clock: { now: () => 1 }, hashChildren, report: () => {}, readers: 2 });
  onTestFinished(() => store.close());
  return store;
}

const diskError = () => Object.assign(new Error('disk I/O error'), { code: 'ERR_SQLITE_ERROR', errcode: 10 });

/** The next call of this statement fails, before or after it did its work. */
function failOnce(sql: string, when: 'before' | 'after'): { fired: () => number } {
  let fired = 0;
  const strike = <T>(text: string, work: () => T): T => {
    const strikes = text === sql && fired === 0;
    if (strikes) fired += 1;
    if (strikes && when === 'before') throw diskError();
    const answer = work();
    if (strikes) throw diskError();
    return answer;
  };
  const { exec } = DatabaseSync.prototype;
  const { run } = StatementSync.prototype;
  const spies = [
    vi.spyOn(DatabaseSync.prototype, 'exec').mockImplementation(function (this: DatabaseSync, text) {
      strike(text, () => exec.call(this, text));
    }),
    vi.spyOn(StatementSync.prototype, 'run').mockImplementation(function (this: StatementSync, ...values: unknown[]) {
      return strike(this.sourceSQL, () => Reflect.apply(run, this, values));
    }),
  ];
  onTestFinished(() => {
    for (const spy of spies) spy.mockRestore();
  });
  return { fired: () => fired };
}

test('[sqlite] a COMMIT that did its work and then failed is of unknown outcome, and the tree goes on from what is there', async () => {
  const store = await openStore();
  const append = (count: number) =>
    store.write(async (unit) => {
      for (let n = 0; n < count; n++) await unit.audit.append(anAuditEntry());
    });
  await append(250);
  const { fired } = failOnce('commit', 'after');
  // This batch completes the first tile.
  await expect(append(10)).rejects.toMatchObject({ code: 'E_STORE', detail: { outcome: 'unknown' } });
  expect(fired()).toBe(1);
  await append(300);
  expect(await store.read((reads) => reads.audit.size())).toEqual({ treeSize: 560, unsequenced: 0 });
  expect(await store.read((reads) => reads.audit.tile(1, 1))).toMatch(/^[0-9a-f]{64}$/);
});

test('[sqlite] a COMMIT that failed and left its transaction is rolled back, and said to be', async () => {
  const store = await openStore();
  const { fired } = failOnce('commit', 'before');
  const failed = store.write((unit) => unit.settings.set('a', 1));
  await expect(failed).rejects.toMatchObject({ code: 'E_STORE', detail: { next: expect.stringContaining('Nothing') } });
  expect(fired()).toBe(1);
  expect(await store.read((reads) => reads.settings.get('a'))).toBeUndefined();
});

test.each(['before', 'after'] as const)(
  '[sqlite] a savepoint whose release fails %s its work is E_STORE',
  async (when) => {
    const store = await openStore();
    const { fired } = failOnce('release unit', when);
    // Only beside a unit that throws are there savepoints.
    const written = store.write((unit) => unit.settings.set('a', 1));
    const thrown = store.write(async () => {
      throw new Error('no');
    });
    await expect(written).rejects.toMatchObject({ code: 'E_STORE' });
    await expect(thrown).rejects.toThrow();
    expect(fired()).toBe(1);
    await store.write((unit) => unit.settings.set('b', 1));
    expect(await store.read((reads) => reads.settings.get('a'))).toBeUndefined();
  },
);

test.each(['before', 'after'] as const)('[sqlite] a read whose BEGIN fails %s its work is E_STORE', async (when) => {
  const store = await openStore();
  const { fired } = failOnce('begin', when);
  await expect(store.read((reads) => reads.settings.get('a'))).rejects.toMatchObject({ code: 'E_STORE' });
  expect(fired()).toBe(1);
  expect(await store.read((reads) => reads.settings.get('a'))).toBeUndefined();
});

test('[sqlite] a reader that cannot end its transaction is replaced, however often', async () => {
  const store = await openStore();
  for (let round = 1; round <= 5; round++) {
    const { fired } = failOnce('commit', 'before');
    await store.read((reads) => reads.settings.get('a'));
    expect(fired()).toBe(1);
    vi.restoreAllMocks();
    await store.write((unit) => unit.settings.set('a', round));
    expect(await store.read((reads) => reads.settings.get('a'))).toBe(round);
  }
  const many = await Promise.all(Array.from({ length: 20 }, () => store.read((reads) => reads.settings.get('a'))));
  expect(new Set(many)).toEqual(new Set([5]));
});
