import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { openPostgres, type StoreWarning } from '@countersign/store';
import { createTestDatabase, reportFault, startChild } from '@countersign/testing';
import { Client } from 'pg';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { hashChildren, leafHashOf, naiveRoot } from '../../packages/store/src/fixture/hashing.ts';
import { anAuditEntry } from '../../packages/store/src/fixture/rows.ts';

const full = process.env['COUNTERSIGN_FAULTS'] === 'full';
const seed = Number(process.env['COUNTERSIGN_SEED'] ?? Math.floor(performance.timeOrigin) % 2 ** 30);
const writers = 32;
const unitsEach = full ? 300 : 40;
const sequencers = 3;

/** mulberry32 */
function random(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Told {
  readonly ids: readonly string[];
  readonly beganAt: number;
  readonly endedAt: number;
  readonly outcome: 'committed' | 'rolled back' | 'unknown';
}

/** Kills one backend that is in a transaction, at random, until stopped. */
async function killBackends(url: string, draw: () => number, stopped: () => boolean): Promise<number> {
  const client = new Client({ connectionString: url });
  await client.connect();
  let killed = 0;
  while (!stopped()) {
    await delay(20 + draw() * 60);
    const { rows } = await client.query(
      `select pg_terminate_backend(pid) as killed from (select pid from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid() and state <> 'idle' order by random() limit 1) as one`,
    );
    killed += z
      .array(z.object({ killed: z.boolean() }))
      .parse(rows)
      .filter((row) => row.killed).length;
  }
  await client.end();
  return killed;
}

test(`${writers} writers, ${sequencers} sequencers, backends killed: every committed entry has one place in the log (COUNTERSIGN_SEED=${seed}) [postgres]`, {
  timeout: 600_000,
}, async () => {
  await using database = await createTestDatabase();
  const url = database.connectionString;
  const warnings: StoreWarning[] = [];
  const store = await openPostgres({
    ...{ url, clock: { now: () => 1 }, hashChildren, connections: writers + 2, sequenceEveryMs: 10 },
    report: (warning) => warnings.push(warning),
    slowUnitMs: 5000,
  });
  const program = join(import.meta.dirname, 'store/sequence-only.ts');
  const children = await Promise.all(
    Array.from({ length: sequencers - 1 }, () => startChild(process.execPath, [program, url])),
  );
  await Promise.all(children.map((child) => child.waitFor(/sequencing/)));

  const told: Told[] = [];
  const write = async (writer: number): Promise<void> => {
    const draw = random(seed + writer);
    for (let unit = 0; unit < unitsEach; unit++) {
      const entries = Array.from({ length: 1 + Math.floor(draw() * 3) }, () => anAuditEntry());
      const [fails, waits] = [draw() < 0.15, draw() * 12];
      const beganAt = performance.now();
      const outcome = await store
        .write(async (open) => {
          for (const entry of entries) {
            await open.audit.append(entry);
            await delay(waits / entries.length);
          }
          if (fails) throw new Error('its own');
        })
        .then(
          () => 'committed' as const,
          (error: unknown) => (String(error).includes('not known') ? ('unknown' as const) : ('rolled back' as const)),
        );
      told.push({ ids: entries.map(({ body }) => body.entry_id), beganAt, endedAt: performance.now(), outcome });
    }
  };
  let done = false;
  const killing = killBackends(url, random(seed - 1), () => done);
  await Promise.all(Array.from({ length: writers }, (_, writer) => write(writer)));
  done = true;
  const killed = await killing;
  await store.sequence();

  const entries = await store.read((reads) => reads.audit.query({ limit: 1_000_000 }));
  expect(await store.read((reads) => reads.audit.size())).toEqual({ treeSize: entries.length, unsequenced: 0 });
  expect(entries.map((entry) => entry.leafIndex)).toEqual(entries.map((_, index) => index));
  const place = new Map(entries.map((entry, index) => [entry.body.entry_id, index]));
  expect(place.size).toBe(entries.length);
  const of = (outcome: Told['outcome']) => told.filter((each) => each.outcome === outcome);
  const lost = of('committed').flatMap(({ ids }) => ids.filter((id) => !place.has(id)));
  const back = of('rolled back').flatMap(({ ids }) => ids.filter((id) => place.has(id)));
  expect({ lost, back }).toEqual({ lost: [], back: [] });
  for (const { ids } of of('unknown')) expect([0, ids.length]).toContain(ids.filter((id) => place.has(id)).length);
  const known = new Set(told.flatMap(({ ids }) => ids));
  expect(entries.filter((entry) => !known.has(entry.body.entry_id))).toEqual([]);

  // What was acknowledged before another began stands before it: the highest place of all that had ended by then.
  const kept = told.filter(({ ids }) => place.has(ids[0] ?? ''));
  const ended = kept.filter(({ outcome }) => outcome === 'committed').sort((a, b) => a.endedAt - b.endedAt);
  let [next, highest, compared] = [0, -1, 0];
  for (const { ids, beganAt } of [...kept].sort((a, b) => a.beganAt - b.beganAt)) {
    for (; (ended[next]?.endedAt ?? Number.POSITIVE_INFINITY) < beganAt; next++)
      highest = Math.max(highest, ...(ended[next]?.ids ?? []).map((id) => place.get(id) ?? -1));
    const places = ids.map((id) => place.get(id) ?? -1);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(Math.min(...places)).toBeGreaterThan(highest);
    compared += 1;
  }

  const leaves = entries.map((entry) => leafHashOf(entry.text));
  expect(await store.read((reads) => reads.audit.leafHashes(0, leaves.length))).toEqual(leaves);
  const tiles = Math.floor(leaves.length / 256);
  for (let tile = 0; tile < tiles; tile++)
    expect(await store.read((reads) => reads.audit.tile(1, tile))).toBe(
      naiveRoot(leaves.slice(tile * 256, (tile + 1) * 256)),
    );
  expect(await store.read((reads) => reads.audit.tile(1, tiles))).toBeNull();
  await Promise.all(children.map((child) => child.kill('SIGTERM')));
  await store.close();
  await reportFault({
    fault: 'sequencer-writers',
    point: `${writers} writers, ${sequencers} servers, backends killed`,
    fired: killed,
    lost: lost.length,
    twice: entries.length - place.size,
    held: `${entries.length} entries of ${told.length} units dense and in order, ${of('rolled back').length} rolled back, ${of('unknown').length} of unknown outcome, ${compared} orders compared, ${tiles} tiles recomputed`,
  });
  console.log(
    `${killed} killed, ${entries.length} entries, ${of('unknown').length} unknown, ${of('rolled back').length} rolled back`,
  );
});
