import { setTimeout as delay } from 'node:timers/promises';
import { openPostgres } from '@countersign/store';
import { createTestDatabase, reportFault, startPostgres } from '@countersign/testing';
import { Client } from 'pg';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { hashChildren } from '../../packages/store/src/fixture/hashing.ts';
import { anAuditEntry } from '../../packages/store/src/fixture/rows.ts';
import { type CutAt, cutCommits } from './store/cut-commits.ts';
import { judgeAudit, judgeOperation } from './store/judge.ts';
import { type Acknowledged, carryOut, live, makePlace, type Place } from './store/world.ts';

const full = process.env['COUNTERSIGN_FAULTS'] === 'full';
const nobody = (): Acknowledged => ({ opId: null, digest: null, confirmed: false, runId: null, refusals: [] });

async function sqlOn(url: string, text: string): Promise<readonly unknown[]> {
  const client = new Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

/** Operations go on, with other units and reads beside them, while `strike` happens; then a restart judges each of them. */
async function underLoad(
  place: Place,
  strike: () => Promise<number>,
): Promise<{ fired: number; told: Acknowledged[] }> {
  let life = await live(place);
  const told: Acknowledged[] = [];
  let over = false;
  const { store } = life.context;
  const refused = (error: unknown): void => expect(error).toMatchObject({ code: 'E_STORE' });
  const beside = async (ask: () => Promise<unknown>): Promise<void> => {
    while (!over) {
      await ask().catch(refused);
      await delay(10);
    }
  };
  // One at a time: the plan of another would be stale.
  const operate = async (): Promise<void> => {
    while (!over) {
      const answers = nobody();
      told.push(answers);
      await carryOut(life, answers);
    }
  };
  const load = Promise.all([
    operate(),
    ...[1, 2, 3].map(() => beside(() => store.ping())),
    ...[1, 2].map(() => beside(() => store.read((reads) => reads.audit.size()))),
  ]);
  const fired = await Promise.race([strike(), load.then(() => 0)]);
  over = true;
  await load;
  await life.end();
  life = await live(place);
  for (const answers of told) await judgeOperation(place, life, answers);
  await judgeAudit(life);
  await life.end();
  expect([...place.ledger.effects.values()].filter((count) => count !== 1)).toEqual([]);
  expect(place.ledger.effects.size).toBe(2 * told.length);
  return { fired, told };
}

test('[postgres] stopped at once and started again under load: nothing is lost, it goes on by itself', {
  timeout: 400_000,
}, async () => {
  const server = await startPostgres();
  try {
    const place = await makePlace('postgres', {
      connectionString: await server.createDatabase(),
      drop: async () => {},
    });
    const { fired, told } = await underLoad(place, async () => {
      const times = full ? 20 : 3;
      for (let n = 0; n < times; n++) {
        await delay(400 + 250 * n);
        await server.crash(n % 2 === 0 ? 0 : 900);
      }
      await delay(300);
      return times;
    });
    const refused = told.filter(({ refusals }) => refusals.length > 0).length;
    await place.remove();
    await reportFault({
      ...{ fault: 'postgres-stopped', point: 'immediate stop and restart under load', fired, lost: 0, twice: 0 },
      held: `${told.length} operations, ${refused} of them refused at times, all done once`,
    });
  } finally {
    await server.stop();
  }
});

test('[postgres] backends killed at random under load', { timeout: 400_000 }, async () => {
  const database = await createTestDatabase();
  const place = await makePlace('postgres', database);
  const { fired, told } = await underLoad(place, async () => {
    let killed = 0;
    for (let n = 0; n < (full ? 300 : 30); n++) {
      await delay(20 + ((n * 37) % 90));
      const rows = await sqlOn(
        database.connectionString,
        `select pg_terminate_backend(pid) from (select pid from pg_stat_activity where datname = current_database()
          and pid <> pg_backend_pid() order by (state = 'idle'), random() limit 1) as one`,
      );
      killed += rows.length;
    }
    return killed;
  });
  await place.remove();
  await reportFault({
    ...{ fault: 'postgres-backend-killed', point: 'any backend, at random', fired, lost: 0, twice: 0 },
    held: `${told.length} operations, all done once`,
  });
});

test.each<CutAt>(['before', 'after'])(
  '[postgres] a connection cut %s the server commits: the outcome is found by its key',
  {
    timeout: 400_000,
  },
  async (at) => {
    const database = await createTestDatabase();
    await using cutter = await cutCommits(database.connectionString);
    const place = await makePlace('postgres', { connectionString: cutter.url, drop: () => database.drop() });
    let life = await live(place);
    const told: Acknowledged[] = [];
    for (let n = 0; n < (full ? 120 : 12); n++) {
      const answers = nobody();
      told.push(answers);
      cutter.arm(1 + n * (full ? 1 : 7), at);
      await carryOut(life, answers);
    }
    const unknown = told.flatMap(({ refusals }) => refusals.filter((text) => text.includes('not known'))).length;
    // What follows looks at what was left; a start that is cut is refused, and is another matter.
    cutter.arm(0, at);
    await life.end();
    life = await live(place);
    for (const answers of told) await judgeOperation(place, life, answers);
    await judgeAudit(life);
    const operations = await life.context.store.read((reads) => reads.operations.list({ limit: 1000 }));
    expect(operations.length).toBe(told.length);
    await life.end();
    expect([...place.ledger.effects.values()].filter((count) => count !== 1)).toEqual([]);
    await place.remove();
    await reportFault({
      ...{ fault: 'commit-unknown', point: `cut ${at} the server commits`, fired: cutter.cuts, lost: 0, twice: 0 },
      held: `${told.length} operations, one for each key; ${unknown} answers said that the outcome is not known`,
    });
  },
);

test('[postgres] serialization failures at statements and at COMMIT, and deadlocks: each unit is written once', {
  timeout: 200_000,
}, async () => {
  await using database = await createTestDatabase();
  const url = database.connectionString;
  await (await openPostgres({ url, clock: { now: () => 1 }, hashChildren, report: () => {} })).close();
  for (const text of [
    `alter database ${new URL(url).pathname.slice(1)} set deadlock_timeout = '20ms'`,
    'create sequence planted',
    `create function fail_now() returns trigger language plpgsql as $$ begin
      if new.key like 'k%' and random() < 0.15 then perform nextval('planted');
        raise exception 'planted' using errcode = '40001'; end if;
      return new; end $$`,
    'create trigger fail_row before insert or update on setting for each row execute function fail_now()',
    `create constraint trigger fail_commit after insert or update on setting deferrable initially deferred
      for each row execute function fail_now()`,
  ])
    await sqlOn(url, text);
  const store = await openPostgres({ url, clock: { now: () => 1 }, hashChildren, report: () => {} });
  const units = full ? 800 : 48;
  const failed: unknown[] = [];
  let written = 0;
  await Promise.all(
    Array.from({ length: 8 }, async (_, writer) => {
      for (let n = writer; n < units; n += 8) {
        const keys = n % 2 === 0 ? ['k1', 'k2'] : ['k2', 'k1'];
        const entry = anAuditEntry({ subject: { kind: 'unit', id: `unit-${n}` } });
        await store
          .write(async (unit) => {
            for (const key of keys) await unit.settings.set(key, n);
            await unit.audit.append(entry);
          })
          .then(
            () => (written += 1),
            (error: unknown) => failed.push(error),
          );
      }
    }),
  );
  await store.sequence();
  const planted = z.array(z.object({ n: z.string() })).parse(await sqlOn(url, 'select last_value as n from planted'));
  const stats = await sqlOn(
    url,
    'select deadlocks::text as n from pg_stat_database where datname = current_database()',
  );
  const deadlocks = Number(z.array(z.object({ n: z.string() })).parse(stats)[0]?.n);
  const entries = await store.read((reads) => reads.audit.query({ limit: 10_000 }));
  expect(entries.length).toBe(written);
  expect(new Set(entries.map((entry) => entry.body.subject.id)).size).toBe(written);
  for (const error of failed) expect(error).toMatchObject({ code: 'E_STORE' });
  expect(written + failed.length).toBe(units);
  expect(written).toBeGreaterThan(units * 0.5);
  await store.close();
  await reportFault({
    ...{ fault: 'serialization-failure', point: 'statements, COMMIT and deadlocks', lost: 0, twice: 0 },
    fired: Number(planted[0]?.n) + deadlocks,
    held: `${units} units of 8 writers: ${written} written once, ${failed.length} refused after all tries; ${deadlocks} deadlocks`,
  });
});

test('[postgres] a pool with no connection free refuses in time and goes on', { timeout: 100_000 }, async () => {
  await using database = await createTestDatabase();
  const url = database.connectionString;
  const unitLimitMs = 1000;
  const shared = { url, clock: { now: () => 1 }, hashChildren, report: () => {}, unitLimitMs };
  const store = await openPostgres({ ...shared, connections: 2 });
  const many = await Promise.all(
    Array.from({ length: 60 }, (_, n) =>
      store.write(async (unit) => {
        await unit.settings.set(`n${n}`, n);
        await delay(5);
      }),
    ),
  );
  expect(many.length).toBe(60);
  // Somebody beside the store holds a row, and both connections wait for it.
  const holder = new Client({ connectionString: url });
  await holder.connect();
  await holder.query("begin; update setting set value = '1' where key = 'n0'");
  const began = performance.now();
  const blocked = await Promise.allSettled(
    Array.from({ length: 6 }, () => store.write((unit) => unit.settings.set('n0', 2))),
  );
  const tookMs = performance.now() - began;
  for (const each of blocked) expect(each).toMatchObject({ status: 'rejected', reason: { code: 'E_STORE' } });
  expect(tookMs).toBeLessThan(15_000);
  await holder.query('rollback');
  await holder.end();
  await store.write((unit) => unit.settings.set('n0', 3));
  expect(await store.read((reads) => reads.settings.get('n0'))).toBe(3);
  await store.close();
  await reportFault({
    ...{
      fault: 'pool-empty',
      point: 'two connections, both waiting for a row',
      fired: blocked.length,
      lost: 0,
      twice: 0,
    },
    held: `refused after ${Math.round(tookMs)} ms at most with E_STORE, then goes on`,
  });
});
