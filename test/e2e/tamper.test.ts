import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { verifyBundle } from '@countersign/evidence';
import { createSigner, generateSigningKey, nodeVerifyCrypto } from '@countersign/evidence/node';
import { CodedError } from '@countersign/protocol';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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

interface Row {
  readonly position: number | bigint;
  readonly leaf_index: number | bigint;
  readonly text: string;
}
/** The rows of the audit behind the server's back, as somebody who owns the database reaches them. */
interface Rows {
  run(sql: string, ...values: (string | number | bigint)[]): Promise<void>;
  all(): Promise<Row[]>;
  close(): Promise<void>;
}

async function openRows({ databaseUrl, dataDir }: Stage): Promise<Rows> {
  if (databaseUrl === null) {
    const db = new DatabaseSync(join(dataDir, 'countersign.db'), { timeout: 20_000 });
    db.exec('drop trigger audit_no_update; drop trigger audit_no_delete');
    return {
      run: async (sql, ...values) => void db.prepare(sql.replaceAll(/\$\d/g, '?')).run(...values),
      all: async () =>
        db
          .prepare('select position, leaf_index, text from audit order by leaf_index')
          .all()
          .map((row) => ({
            position: Number(row['position']),
            leaf_index: Number(row['leaf_index']),
            text: String(row['text']),
          })),
      close: async () => db.close(),
    };
  }
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query('drop trigger audit_no_change on audit; drop trigger audit_no_truncate on audit');
  return {
    run: async (sql, ...values) => void (await client.query(sql, values)),
    all: async () => (await client.query<Row>('select position, leaf_index, text from audit order by leaf_index')).rows,
    close: () => client.end(),
  };
}

describe.each(['sqlite', 'postgres'] as const)('tampering with real evidence [%s]', (dialect) => {
  let stage: Stage;
  let bundles: Files[];
  let notes: string[];
  const foreign = createSigner(generateSigningKey(), 'countersign/foreign');
  beforeAll(async () => {
    stage = await withPeople(await openServer(dialect));
    ({ bundles, notes } = await realBundles(stage, 6));
  });
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
        throw error instanceof CodedError
          ? error
          : new CodedError('E_VERIFY', 'the export broke off', {}, { cause: error });
      });
    };
    const rows = await openRows(stage);
    const counts = new Map<string, number>();
    try {
      await check();
      for (let index = 0; index < inDatabase; index += 1) {
        const all = (await rows.all()).filter((row) => Number(row.leaf_index) < size);
        const row = random.pick(all);
        const other = random.pick(all.filter((each) => each.leaf_index !== row.leaf_index));
        const put = (column: 'text' | 'leaf_index', value: string | number | bigint, { position }: Row) =>
          rows.run(`update audit set ${column} = $1 where position = $2`, value, position);
        const kind =
          ['UPDATE of a text', 'two texts swapped', 'two places swapped', 'DELETE of a row'][index % 4] ?? '';
        const far = 1_000_000_000 + index;
        if (kind === 'UPDATE of a text')
          await put('text', row.text.replace(/"at":\d/, '"at":9').replace('ok', 'no'), row);
        if (kind === 'two texts swapped') {
          await put('text', other.text, row);
          await put('text', row.text, other);
        }
        if (kind === 'two places swapped') {
          await put('leaf_index', far, row);
          await put('leaf_index', row.leaf_index, other);
          await put('leaf_index', other.leaf_index, row);
        }
        if (kind === 'DELETE of a row') {
          // Moved out of the log, so that it can be put back; within it the row is gone.
          await put('leaf_index', far, row);
        }
        expect(`${kind}, seed ${seed}: ${await refused(check)}`).toContain(': true');
        if (kind === 'two places swapped') await put('leaf_index', far, row);
        if (kind === 'two places swapped') await put('leaf_index', other.leaf_index, other);
        await put('leaf_index', row.leaf_index, row);
        await put('text', row.text, row);
        await put('text', other.text, other);
        counts.set(kind, (counts.get(kind) ?? 0) + 1);
      }
      await check();
      await rows.run('delete from audit where leaf_index = $1', random.below(size));
      expect(await refused(check)).toBe(true);
      counts.set('DELETE for good', 1);
      print('rows', dialect, counts);
    } finally {
      await rows.close();
    }
  }, 900_000);
});
