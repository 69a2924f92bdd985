import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { createTestDatabase, makeManualClock, tempFolder } from '@countersign/testing';
import { expect, it } from 'vitest';
import { hashChildren } from '../fixture/hashing.ts';
import {
  aManagedTarget,
  anAuditEntry,
  anEnrolment,
  anInvite,
  anOperation,
  aPasskey,
  aPerson,
  aPersonSession,
  aToken,
  aTotp,
  aWorkerKey,
} from '../fixture/rows.ts';
import { openPostgres } from '../open/open-postgres.ts';
import { openSqlite } from '../open/open-sqlite.ts';
import type { OpenedStore } from '../open/opened-store.ts';
import type { Cell, DatabaseDump } from './dump.ts';
import { loadPostgres } from './load-postgres.ts';
import { loadSqlite } from './load-sqlite.ts';

type Kept = { schema: readonly string[]; tables: { name: string; columns: readonly string[]; rows: Cell[][] }[] };

async function kept(dump: DatabaseDump): Promise<Kept> {
  const tables: Kept['tables'] = [];
  for await (const { name, columns, pages } of dump.tables) {
    const rows: Cell[][] = [];
    for await (const page of pages) rows.push(...page.map((row) => [...row]));
    tables.push({ name, columns, rows });
  }
  return { schema: dump.schema, tables };
}

function replayed({ schema, tables }: Kept): DatabaseDump {
  async function* each() {
    for (const { name, columns, rows } of tables) {
      yield {
        name,
        columns,
        pages: (async function* () {
          if (rows.length > 0) yield rows;
        })(),
      };
    }
  }
  return { schema, tables: each() };
}

const shared = { clock: makeManualClock(), hashChildren, report: () => undefined };
const open = {
  sqlite: (path: string) => openSqlite({ path, ...shared }),
  postgres: (url: string) => openPostgres({ url, ...shared }),
};
const load = {
  sqlite: (path: string, dump: DatabaseDump) => loadSqlite(path, dump, shared.clock),
  postgres: loadPostgres,
};
const dialects = ['sqlite', 'postgres'] as const;

async function place(
  dialect: (typeof dialects)[number],
): Promise<{ at: string; [Symbol.asyncDispose](): Promise<void> }> {
  if (dialect === 'sqlite') return { at: join(tempFolder(), 'store.db'), [Symbol.asyncDispose]: async () => undefined };
  const database = await createTestDatabase();
  return { at: database.connectionString, [Symbol.asyncDispose]: () => database.drop() };
}

async function fill(store: OpenedStore): Promise<void> {
  for (let batch = 0; batch < 12; batch += 1) {
    await store.write(async (unit) => {
      for (let each = 0; each < 100; each += 1) await unit.audit.append(anAuditEntry());
      const first = anOperation({ note: 'text with U+2028 \u2028, a quote " and \n a line' });
      await unit.operations.insert(first);
      await unit.operations.insert(anOperation({ rollbackOf: first.id, origin: 'rollback' }));
      await unit.sealed.put({
        operationId: first.id,
        name: 'password',
        nonce: randomBytes(12),
        ciphertext: randomBytes(100),
        createdAt: 1,
      });
      const parent = aToken();
      await unit.tokens.insert(parent);
      await unit.tokens.insert(aToken({ parent: parent.id }));
      await unit.targets.insert(aManagedTarget());
      await unit.targets.askToLook(`w-${first.id}`, 2);
      await unit.enrolments.insert(anEnrolment({ outcome: 'redeemed', keyid: 'k', closedAt: 5 }));
      await unit.workerKeys.put(aWorkerKey(parent.id));
      const person = aPerson();
      await unit.people.insert(person);
      await unit.invites.insert(anInvite());
      await unit.sessions.insert(aPersonSession({ personId: person.id }));
      await unit.factors.addPasskey(aPasskey({ personId: person.id }));
      await unit.factors.putTotp(aTotp({ personId: person.id }));
    });
  }
  await store.sequence();
}

const pairs = dialects.flatMap((from) => dialects.map((to) => [from, to] as const));

it.each(pairs)(
  'what %s dumps, %s loads: every row of every table is the same, and the log goes on',
  async (from, to) => {
    await using source = await place(from);
    await using target = await place(to);
    const first = await open[from](source.at);
    await fill(first);
    const dump = await first.dump(kept);
    await first.close();
    const rows = dump.tables.reduce((sum, table) => sum + table.rows.length, 0);
    expect(rows).toBeGreaterThan(1200);

    const counts = await load[to](target.at, replayed(dump));
    expect(Object.values(counts).reduce((sum, count) => sum + count, 0)).toBe(rows);
    const second = await open[to](target.at);
    expect(await second.dump(kept)).toEqual(dump);
    const { treeSize } = await second.read((reads) => reads.audit.size());
    await second.write((unit) => unit.audit.append(anAuditEntry()));
    await second.sequence();
    expect(await second.read((reads) => reads.audit.size())).toEqual({ treeSize: treeSize + 1, unsequenced: 0 });
    await second.close();
    await expect(load[to](target.at, replayed(dump))).rejects.toMatchObject({ code: 'E_CONFIG' });
  },
);

it.each(dialects)('a dump on %s is of one moment, whatever commits meanwhile', async (dialect) => {
  await using source = await place(dialect);
  const store = await open[dialect](source.at);
  await fill(store);
  const before = await store.read((reads) => reads.audit.size());
  const seen = await store.dump(async (dump) => {
    const tables: Record<string, number> = {};
    for await (const table of dump.tables) {
      await store.write((unit) => unit.audit.append(anAuditEntry()));
      let count = 0;
      for await (const page of table.pages) count += page.length;
      tables[table.name] = count;
    }
    return tables;
  });
  expect(seen['audit']).toBe(before.treeSize + before.unsequenced);
  await store.close();
});

it('a schema of another version is refused', async () => {
  const at = join(tempFolder(), 'store.db');
  const dump = replayed({ schema: ['0001_operation', '0999_future'], tables: [] });
  await expect(loadSqlite(at, dump, shared.clock)).rejects.toMatchObject({ code: 'E_CONFIG' });
});
