import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import { claim, intend } from '../fixture/do-work.ts';
import { leaseMs } from '../fixture/engine-bench.ts';
import { plannedOperation } from '../fixture/planned-operation.ts';
import type { Session } from '../fixture/session.ts';
import { claimRun, record, withSession } from '../fixture/with-session.ts';
import { sweepLeases } from '../sweep/sweeper.ts';

/** Overwrites part of a column as the database's owner can. */
function overwrite(session: Session, table: string, column: string, from: string, to: string): void {
  using database = new DatabaseSync(session.bench.path, { enableForeignKeyConstraints: false, timeout: 5000 });
  database.prepare(`update ${table} set ${column} = replace(${column}, ?, ?)`).run(from, to);
}
const runOf = async (session: Session, opId: string) => (await session.rows(opId)).run;

it('a run whose plan was changed while it waited ends before it begins', async () => {
  await withSession(async (session) => {
    const opId = await plannedOperation(session);
    overwrite(session, 'plan', 'body', '"former"', '"formes"');
    expect(await claim(session, 'run')).toBeNull();
    expect(await runOf(session, opId)).toMatchObject({ state: 'failed', failure: { code: 'E_DIGEST_MISMATCH' } });
    expect(await session.context.store.read((reads) => reads.locks.all())).toEqual([]);
  });
});

it('a run that is taken over with a step in doubt stays in doubt when its plan was changed, and nobody reads back by it', async () => {
  await withSession(async (session) => {
    const opId = await plannedOperation(session);
    const job = await claimRun(session, opId);
    await record(session, job, 0, ['intent']);
    overwrite(session, 'operation', 'steps', '"new"', '"old"');
    session.bench.clock.advance(leaseMs + 1);
    await sweepLeases(session.context);
    expect(await claim(session, 'run')).toBeNull();
    expect(await runOf(session, opId)).toMatchObject({
      state: 'outcome_unknown',
      failure: { code: 'E_DIGEST_MISMATCH' },
    });
    session.bench.clock.advance(400_000);
    expect(await claim(session, 'reconcile')).toBeNull();
    expect(await runOf(session, opId)).toMatchObject({ state: 'outcome_unknown' });
    expect(await session.context.store.read((reads) => reads.locks.all())).toHaveLength(1);
  });
});

it('a job whose rows cannot be read keeps nobody from other work', async () => {
  await withSession(async (session) => {
    const broken = await plannedOperation(session);
    overwrite(session, 'operation', 'requester', '{', '[');
    const other = await plannedOperation(session);
    await expect(claim(session, 'run')).rejects.toMatchObject({ code: 'E_INTERNAL' });
    const job = await claimRun(session, other);
    await intend(session, job, 0);
    overwrite(session, 'operation', 'requester', '[', '{');
    expect(await runOf(session, broken)).toMatchObject({ state: 'queued' });
  });
});
