import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { makeManualClock, makeTempFolder } from '@countersign/testing';
import { expect, it } from 'vitest';
import type { Session, Statement } from '../database/statement.ts';
import { sqliteDialect } from '../dialect/sqlite-dialect.ts';
import { hashChildren } from '../fixture/hashing.ts';
import { JobRepository } from '../job/job-repository.ts';
import { openSqlite } from '../open/open-sqlite.ts';
import { RunRepository } from '../run/run-repository.ts';
import { OperationRepository } from './operation-repository.ts';

it('what is open is found by its index, so that a scrape costs the same however much ever ran (DO-14)', async () => {
  using folder = makeTempFolder();
  const path = join(folder.path, 'x.db');
  const store = await openSqlite({ path, clock: makeManualClock(), hashChildren, report: () => undefined });
  await store.close();
  const asked: Statement[] = [];
  const session: Session = {
    dialect: sqliteDialect,
    async execute(statement) {
      asked.push(statement);
      return { rows: [], changes: 0 };
    },
  };
  await new JobRepository(session).queues();
  await new RunRepository(session).open();
  await new OperationRepository(session).open();
  using database = new DatabaseSync(path);
  const plans = asked.map(({ sql }) =>
    database
      .prepare(`explain query plan ${sql}`)
      .all()
      .map(({ detail }) => String(detail))
      .join('\n'),
  );
  expect(plans[0]).toContain('SCAN job USING INDEX job_queued');
  expect(plans[1]).toContain('SEARCH run USING INDEX run_state (state=?)');
  expect(plans[1]).toMatch(/SEARCH operation USING (PRIMARY KEY|INDEX \S+ \(id=\?\))/);
  expect(plans[2]).toMatch(/SEARCH operation USING (COVERING )?INDEX operation_state \(state=\?\)/);
});
