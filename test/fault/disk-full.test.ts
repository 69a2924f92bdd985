import { DatabaseSync } from 'node:sqlite';
import { reportFault } from '@countersign/testing';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { judgeAudit, judgeOperation } from './store/judge.ts';
import { type Acknowledged, carryOut, live, makePlace } from './store/world.ts';

/** Catches the connection that writes, to take its space away: SQLite then says the same as of a full volume. */
function catchWriter(): { limit(pages: number | null): void; [Symbol.dispose](): void } {
  const { exec } = DatabaseSync.prototype;
  let writer: DatabaseSync | null = null;
  Object.assign(DatabaseSync.prototype, {
    exec(this: DatabaseSync, sql: string) {
      if (sql.includes('synchronous = full')) writer = this;
      exec.call(this, sql);
    },
  });
  const pages = z.object({ page_count: z.int() });
  return {
    limit(more) {
      if (writer === null) throw new Error('no store was opened');
      const now = pages.parse(writer.prepare('pragma page_count').get()).page_count;
      writer.exec(`pragma max_page_count = ${more === null ? 1_000_000_000 : now + more}`);
    },
    [Symbol.dispose]: () => void Object.assign(DatabaseSync.prototype, { exec }),
  };
}

const nobody = (): Acknowledged => ({ opId: null, digest: null, confirmed: false, runId: null, refusals: [] });

test('[sqlite] the database full at any moment of an operation: refused clearly, reads go on, it goes on by itself', {
  timeout: 300_000,
}, async () => {
  using writer = catchWriter();
  const place = await makePlace('sqlite');
  const life = await live(place);
  const { store } = life.context;
  const told: Acknowledged[] = [];
  let fired = 0;
  for (const [delayMs, more] of [
    [0, 0],
    [10, 0],
    [30, 1],
    [50, 0],
    [80, 2],
    [110, 0],
    [140, 1],
  ] as const) {
    const answers = nobody();
    told.push(answers);
    const carried = carryOut(life, answers);
    await new Promise((resolve) => setTimeout(resolve, delayMs));
    writer.limit(more);
    const big = { text: 'x'.repeat(60_000) };
    const refused = await store.write((unit) => unit.settings.set('big', big)).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'E_STORE', message: 'The volume of the database is full.' });
    expect(refused).toMatchObject({ detail: { volume: 'database' } });
    fired += 1;
    await store.read((reads) => reads.audit.size());
    await new Promise((resolve) => setTimeout(resolve, 60));
    writer.limit(null);
    await carried;
    await store.ping();
  }
  await life.end();
  const after = await live(place);
  for (const answers of told) await judgeOperation(place, after, answers);
  const entries = await judgeAudit(after);
  await after.end();
  await place.remove();
  await reportFault({
    ...{ fault: 'disk-full', point: 'database (SQLite, no page left)', fired, lost: 0, twice: 0 },
    held: `${told.length} operations done once, ${entries} audit entries dense; refused with the volume's name, reads went on`,
  });
});
