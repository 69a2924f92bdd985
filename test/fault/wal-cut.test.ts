import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openSqlite } from '@countersign/store';
import { reportFault, tempFolder } from '@countersign/testing';
import { expect, test } from 'vitest';
import { hashChildren, leafHashOf, naiveRoot } from '../../packages/store/src/fixture/hashing.ts';
import { anAuditEntry, anOperation } from '../../packages/store/src/fixture/rows.ts';

const full = process.env['COUNTERSIGN_FAULTS'] === 'full';
const stride = full ? 1 : 40;
const units = full ? 120 : 60;
const walHeader = 32;

const openAt = (path: string) => openSqlite({ path, clock: { now: () => 1 }, hashChildren, report: () => {} });

/** Length of the log and of the audit after each acknowledged unit. */
interface Acknowledged {
  readonly walBytes: number;
  readonly leaves: number;
}

interface Load {
  readonly database: string;
  readonly wal: string;
  readonly acknowledged: readonly Acknowledged[];
}

/** Runs a load whose log is never folded into the database, and copies both while the store is still open. */
async function runLoad(folder: string): Promise<Load> {
  const path = join(folder, 'live.db');
  // Before the first unit: a reader whose snapshot is the empty file keeps every frame in the log.
  writeFileSync(path, '');
  const pin = new DatabaseSync(path);
  pin.exec('pragma journal_mode = wal; create table pin (a); begin; select * from pin');
  pin.prepare('select count(*) from pin').get();
  const store = await openAt(path);
  const acknowledged: Acknowledged[] = [];
  let leaves = 0;
  for (let n = 0; n < units; n++) {
    const entries = Array.from({ length: 1 + (n % 9) }, () => anAuditEntry());
    await store.write(async (unit) => {
      await unit.settings.set('units', n);
      await unit.operations.insert(anOperation());
      for (const entry of entries) await unit.audit.append(entry);
      if (n % 5 === 4)
        await unit.streams.append('key', n, [{ type: 'progress', step: 0, message: 'x'.repeat(5000), fraction: null }]);
    });
    leaves += entries.length;
    acknowledged.push({ walBytes: statSync(`${path}-wal`).size, leaves });
  }
  const load = { database: join(folder, 'copy.db'), wal: join(folder, 'copy.wal'), acknowledged };
  copyFileSync(path, load.database);
  copyFileSync(`${path}-wal`, load.wal);
  pin.exec('commit');
  pin.close();
  await store.close();
  return load;
}

/** Opens a copy whose log ends after `bytes`: it must hold exactly what was acknowledged by then, and go on. */
async function openCut(folder: string, load: Load, bytes: number): Promise<void> {
  const path = join(folder, 'cut.db');
  for (const suffix of ['', '-wal', '-shm', '.guard']) rmSync(`${path}${suffix}`, { force: true });
  copyFileSync(load.database, path);
  copyFileSync(load.wal, `${path}-wal`);
  truncateSync(`${path}-wal`, bytes);
  const last = load.acknowledged.findLastIndex(({ walBytes }) => walBytes <= bytes);
  const leaves = load.acknowledged[last]?.leaves ?? 0;
  const store = await openAt(path);
  try {
    expect(await store.read((reads) => reads.settings.get('units'))).toBe(last === -1 ? undefined : last);
    const entries = await store.read((reads) => reads.audit.query({ limit: 10_000 }));
    expect(entries.map((entry) => entry.leafIndex)).toEqual(Array.from({ length: leaves }, (_, index) => index));
    const hashes = entries.map((entry) => leafHashOf(entry.text));
    expect(await store.read((reads) => reads.audit.leafHashes(0, leaves))).toEqual(hashes);
    expect((await store.read((reads) => reads.operations.list({ limit: 1000 }))).length).toBe(last + 1);
    const tile = await store.read((reads) => reads.audit.tile(1, 0));
    expect(tile).toBe(leaves < 256 ? null : naiveRoot(hashes.slice(0, 256)));
    await store.write((unit) => unit.audit.append(anAuditEntry()));
    expect(await store.read((reads) => reads.audit.size())).toEqual({ treeSize: leaves + 1, unsequenced: 0 });
  } finally {
    await store.close();
  }
}

test('[sqlite] a log cut at any frame, or inside one, opens with all that was whole before the cut', {
  timeout: 900_000,
}, async () => {
  const folder = tempFolder();
  const load = await runLoad(folder);
  const log = readFileSync(load.wal);
  const frame = log.readUInt32BE(8) + 24;
  const frames = (log.length - walHeader) / frame;
  expect(frames).toBe(Math.floor(frames));
  let cuts = 0;
  const first = Math.floor(performance.timeOrigin) % stride;
  for (let number = first; number <= frames; number += stride) {
    const at = walHeader + number * frame;
    for (const bytes of [at, at + 1, at + 23, at + 24 + ((number * 7919) % (frame - 24)), at + frame - 1]) {
      if (bytes > log.length) continue;
      // Whole frames each time; inside of them in turns.
      if (bytes !== at && !full && (number + bytes) % 2 === 0) continue;
      await openCut(folder, load, bytes).catch((cause: unknown) => {
        throw new Error(
          `cut after ${bytes} of ${log.length} bytes, in frame ${number} of ${frames}: ${String(cause)}`,
          { cause },
        );
      });
      cuts += 1;
    }
  }
  await reportFault({
    fault: 'wal-cut',
    point: 'log cut at every frame and inside frames',
    fired: cuts,
    lost: 0,
    twice: 0,
    held: `${frames} frames of ${load.acknowledged.length} units; what was acknowledged by the cut, and the tree over it`,
  });
});

/** A closed database of some hundred rows. */
async function closedDatabase(folder: string): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'store.db');
  const store = await openAt(path);
  await store.write(async (unit) => {
    for (let n = 0; n < 400; n++) await unit.audit.append(anAuditEntry());
  });
  await store.close();
  return path;
}

const damages: readonly (readonly [string, (path: string) => void])[] = [
  ['cut to half', (path) => truncateSync(path, Math.floor(statSync(path).size / 8192) * 4096)],
  ['cut within a page', (path) => truncateSync(path, statSync(path).size - 1000)],
  ['cut to nothing', (path) => truncateSync(path, 0)],
  ['a first page of noise', (path) => overwrite(path, 0)],
  ...[2, 5, 9, 14, 21].map(
    (page) => [`noise in page ${page}`, (path: string) => overwrite(path, (page - 1) * 4096)] as const,
  ),
  ['another file in its place', (path) => writeFileSync(path, 'not a database at all, but of some length'.repeat(400))],
];

function overwrite(path: string, from: number): void {
  const bytes = readFileSync(path);
  for (let index = from; index < from + 4096; index++) bytes[index] = (index * 31 + 7) % 251;
  writeFileSync(path, bytes);
}

test.each(damages)('[sqlite] a database with %s is refused at the start, and left as it is', async (what, damage) => {
  const path = await closedDatabase(tempFolder());
  damage(path);
  const before = readFileSync(path);
  await expect(openAt(path)).rejects.toMatchObject({
    code: 'E_STORE',
    message: `The database ${path} is damaged.`,
    detail: { next: expect.stringContaining('restore') },
  });
  expect(readFileSync(path).equals(before)).toBe(true);
  await reportFault({
    fault: 'wal-cut',
    point: `database file: ${what}`,
    fired: 1,
    lost: 0,
    twice: 0,
    held: 'refused at the start',
  });
});

test('[sqlite] noise behind the last frame of a log changes nothing', async () => {
  const folder = tempFolder();
  const load = await runLoad(folder);
  appendFileSync(load.wal, Buffer.alloc(9000, 7));
  await openCut(folder, load, statSync(load.wal).size);
});
