import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { verifyBundle } from '@countersign/evidence';
import { createSigner, generateSigningKey, nodeVerifyCrypto } from '@countersign/evidence/node';
import { CodedError } from '@countersign/protocol';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type ExpectedHead, signedHead, verifyLog } from '../../apps/cli/src/audit-log/verify-log.ts';
import { type Stage, withPeople } from './harness/describe-server.ts';
import { openServer } from './harness/open-server.ts';
import { Random } from './tamper/random.ts';
import { realBundles } from './tamper/real-bundles.ts';
import { bundleTampers, type Files, tamperBundle } from './tamper/tamper-bundle.ts';
import { type HandedLog, logTampers, tamperLog } from './tamper/tamper-log.ts';

const total = Number(process.env['COUNTERSIGN_TAMPERS'] ?? 1500);
const seed = Number(process.env['COUNTERSIGN_SEED'] ?? Date.now() % 2 ** 31);
const inDatabase = Math.min(200, Math.ceil(total / 50));
const perDialect = Math.ceil(total / 2);

async function* chunksOf(lines: readonly string[]): AsyncGenerator<Uint8Array> {
  yield Buffer.from(lines.map((line) => `${line}\n`).join(''), 'latin1');
}

/** Whether the log and its checkpoint are refused, by the very code of `countersign audit verify`. */
async function refused(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return false;
  } catch (error) {
    if (error instanceof CodedError && error.code === 'E_VERIFY') return true;
    throw error;
  }
}

function print(title: string, dialect: string, counts: ReadonlyMap<string, number>): void {
  const all = [...counts.values()].reduce((sum, count) => sum + count, 0);
  console.log(`${title} [${dialect}], seed ${seed}: ${all} tampers, all found`);
  for (const [kind, count] of counts) console.log(`  ${String(count).padStart(6)}  ${kind}`);
}

const columns = [
  'position',
  'entry_id',
  'leaf_index',
  'at',
  'event',
  'actor',
  'subject_id',
  'outcome',
  'text',
  'leaf_hash',
] as const;
const Row = z.object({
  position: z.coerce.number(),
  entry_id: z.string(),
  leaf_index: z.coerce.number(),
  at: z.coerce.number(),
  event: z.string(),
  actor: z.string(),
  subject_id: z.string(),
  outcome: z.string(),
  text: z.string(),
  leaf_hash: z.string(),
});
type Row = z.infer<typeof Row>;

/** The rows of the audit behind the server's back, as somebody who owns the database reaches them. */
interface Rows {
  run(sql: string, values: readonly (string | number)[]): Promise<void>;
  below(size: number): Promise<Row[]>;
  close(): Promise<void>;
}

async function openRows({ databaseUrl, dataDir }: Stage): Promise<Rows> {
  const select = `select ${columns.join(', ')} from audit where leaf_index < $1 order by leaf_index`;
  if (databaseUrl === null) {
    const db = new DatabaseSync(join(dataDir, 'countersign.db'), { timeout: 20_000 });
    db.exec('drop trigger audit_no_update; drop trigger audit_no_delete');
    const plain = (sql: string) => sql.replaceAll(/\$\d+/g, '?').replace(' overriding system value', '');
    return {
      run: async (sql, values) => void db.prepare(plain(sql)).run(...values),
      below: async (size) =>
        db
          .prepare(plain(select))
          .all(size)
          .map((row) => Row.parse(row)),
      close: async () => db.close(),
    };
  }
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query('drop trigger audit_no_change on audit');
  return {
    run: async (sql, values) => void (await client.query(sql, [...values])),
    below: async (size) => (await client.query(select, [size])).rows.map((row) => Row.parse(row)),
    close: () => client.end(),
  };
}

async function remove(rows: Rows, row: Row): Promise<void> {
  await rows.run('delete from audit where position = $1', [row.position]);
}
async function put(rows: Rows, row: Row): Promise<void> {
  const values = columns.map((_, index) => `$${index + 1}`).join(', ');
  const into = `insert into audit (${columns.join(', ')}) overriding system value values (${values})`;
  await rows.run(
    into,
    columns.map((column) => row[column]),
  );
}

/** What two rows are replaced by. */
const rowTampers: Readonly<Record<string, (row: Row, other: Row) => Row[]>> = {
  'text updated': (row, other) => [{ ...row, text: row.text.replace('"at":', '"at":1') }, other],
  'text and hash updated': (row, other) => [
    { ...row, text: row.text.replace('"at":', '"at":1'), leaf_hash: 'a'.repeat(64) },
    other,
  ],
  'two texts swapped': (row, other) => [
    { ...row, text: other.text, leaf_hash: other.leaf_hash },
    { ...other, text: row.text, leaf_hash: row.leaf_hash },
  ],
  'two places swapped': (row, other) => [
    { ...row, leaf_index: other.leaf_index },
    { ...other, leaf_index: row.leaf_index },
  ],
  'row deleted': (_row, other) => [other],
  'two rows deleted': () => [],
};

describe.each(['sqlite', 'postgres'] as const)('tampering with real evidence [%s]', (dialect) => {
  let stage: Stage;
  let bundles: Files[];
  let notes: string[];
  const foreign = createSigner(generateSigningKey(), 'countersign/foreign');
  beforeAll(async () => {
    stage = await withPeople(await openServer(dialect));
    ({ bundles, notes } = await realBundles(stage, 6));
  }, 400_000);
  afterAll(() => stage?.close());

  it('every tampered bundle is found (CP-14)', async () => {
    const random = new Random(seed);
    const trust = await stage.alice.client.call('trust');
    for (const bundle of bundles) expect((await verifyBundle(bundle, trust, nodeVerifyCrypto)).state).toBe('pass');
    const kinds = Object.keys(bundleTampers);
    const counts = new Map<string, number>();
    const signer = createSigner(generateSigningKey(), trust.origin ?? '');
    for (let index = 0; index < Math.ceil(perDialect / 2); index += 1) {
      const kind = kinds[index % kinds.length] ?? '';
      const own = random.below(bundles.length);
      const bundle = bundles[own] ?? new Map();
      const bench = { random, bundle, others: bundles.filter((_, at) => at !== own), foreign: signer };
      const report = await verifyBundle(tamperBundle(kind, bench), trust, nodeVerifyCrypto);
      expect(`${kind}, tamper ${index}, seed ${seed}: ${report.state === 'pass'}`).toContain(': false');
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
    }
    print('bundles', dialect, counts);
  }, 900_000);

  it('every tampered log is found, by its checkpoint or by those that were kept elsewhere (CP-14)', async () => {
    const random = new Random(seed + 1);
    const { client } = stage.alice;
    const trust = await client.call('trust');
    const newest = await client.call('checkpoint');
    const text = await client.call('auditExport', { query: { from: 0, to: newest.tree_size } });
    const lines = Buffer.from(text).toString('latin1').split('\n').slice(0, -1);
    const log: HandedLog = { lines, note: newest.note };
    const kept: ExpectedHead[] = [];
    for (const note of [...notes, newest.note]) kept.push(await signedHead('kept', note, trust));
    const check = async (handed: HandedLog) =>
      verifyLog(chunksOf(handed.lines), [...kept, await signedHead('handed', handed.note, trust)]);
    await check(log);
    const { installation } = trust;
    const own = stage.running.context.keys.signer;
    const counts = new Map<string, number>();
    const kinds = Object.keys(logTampers);
    for (let index = 0; index < Math.floor(perDialect / 2) - inDatabase; index += 1) {
      const kind = kinds[index % kinds.length] ?? '';
      const handed = tamperLog(kind, { random, installation, log, notes: [...notes, newest.note], foreign, own });
      expect(`${kind}, tamper ${index}, seed ${seed}: ${await refused(() => check(handed))}`).toContain(': true');
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
    }
    print('logs', dialect, counts);
  }, 900_000);

  it('rows that are changed in the database itself are found over HTTP (CP-14)', async () => {
    const random = new Random(seed + 2);
    const { client } = stage.alice;
    const trust = await client.call('trust');
    const newest = await client.call('checkpoint');
    const kept: ExpectedHead[] = [];
    for (const note of [...notes, newest.note]) kept.push(await signedHead('kept', note, trust));
    const size = newest.tree_size;
    const check = async () => {
      const read = client.stream('auditExport', { query: { from: 0, to: size } });
      // The server itself breaks off where an entry is gone: no whole log comes out.
      return verifyLog(read, kept).catch((error: unknown) => {
        if (error instanceof CodedError && error.code === 'E_VERIFY') throw error;
        throw new CodedError('E_VERIFY', 'the export broke off', {}, { cause: error });
      });
    };
    const rows = await openRows(stage);
    const counts = new Map<string, number>();
    try {
      await check();
      const kinds = Object.keys(rowTampers);
      for (let index = 0; index < inDatabase; index += 1) {
        // The last leaf stays, so that what the server appends meanwhile goes after it.
        const all = await rows.below(size - 1);
        const row = random.pick(all);
        const other = random.pick(all.filter((each) => each.leaf_index !== row.leaf_index));
        const kind = kinds[index % kinds.length] ?? '';
        const instead = rowTampers[kind]?.(row, other) ?? [];
        for (const each of [row, other]) await remove(rows, each);
        for (const each of instead) await put(rows, each);
        expect(`${kind}, seed ${seed}: ${await refused(check)}`).toContain(': true');
        for (const each of instead) await remove(rows, each);
        for (const each of [row, other]) await put(rows, each);
        counts.set(kind, (counts.get(kind) ?? 0) + 1);
      }
      await check();
      await remove(rows, random.pick(await rows.below(size - 1)));
      expect(await refused(check)).toBe(true);
      counts.set('row deleted for good', 1);
      print('rows', dialect, counts);
    } finally {
      await rows.close();
    }
  }, 900_000);
});
