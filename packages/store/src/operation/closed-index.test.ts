import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { makeManualClock, makeTempFolder } from '@countersign/testing';
import { expect, it } from 'vitest';
import type { Statement } from '../database/statement.ts';
import { sqliteDialect } from '../dialect/sqlite-dialect.ts';
import { hashChildren } from '../fixture/hashing.ts';
import { openSqlite } from '../open/open-sqlite.ts';
import { OperationRepository } from './operation-repository.ts';

it('what was closed lately for some reason is found by an index, not by reading what was closed ever', async () => {
  using folder = makeTempFolder();
  const path = join(folder.path, 'x.db');
  const store = await openSqlite({ path, clock: makeManualClock(), hashChildren, report: () => undefined });
  await store.close();
  let asked: Statement | null = null;
  const operations = new OperationRepository({
    dialect: sqliteDialect,
    async execute(statement) {
      asked = statement;
      return { rows: [], changes: 0 };
    },
  });
  await operations.list({
    effects: ['write', 'destructive'],
    closedReasons: ['rejected', 'withdrawn'],
    updatedAfter: 1,
    unstarted: true,
    grants: [{ project: '*', environment: '*' }],
    limit: 100,
  });
  const { sql, parameters }: Statement = asked ?? { sql: '', parameters: [] };
  using database = new DatabaseSync(path);
  const values = parameters.map((value) => (typeof value === 'number' ? value : String(value)));
  const plan = database.prepare(`explain query plan ${sql}`).all(...values);
  expect(plan.map(({ detail }) => String(detail)).join('\n')).toContain(
    'USING INDEX operation_closed (closed_reason=? AND updated_at>?)',
  );
});
