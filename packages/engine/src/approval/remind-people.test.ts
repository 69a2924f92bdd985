import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import type { EngineContext } from '../context/context.ts';
import { approvalTtlMs } from '../fixture/engine-bench.ts';
import { callerOf } from '../fixture/people.ts';
import type { Session } from '../fixture/session.ts';
import { claimRun, planned, withSession } from '../fixture/with-session.ts';
import { readOperation } from '../operation/read-operation.ts';
import { startRun } from '../run/start-run.ts';
import { decideApproval } from './decide-approval.ts';
import { remindPeople } from './remind-people.ts';

const remindMs = 600_000;

function reminding({ context }: Session): EngineContext {
  return { ...context, settings: { ...context.settings, remindMs } };
}

async function remind(context: EngineContext): Promise<number> {
  return await remindPeople(context, (error) => {
    throw error;
  });
}

async function told({ context }: Session, event = 'approval.reminded'): Promise<unknown[]> {
  const entries = await context.store.read((reads) => reads.audit.query({ events: [event], limit: 50 }));
  return entries.map(({ body }) => [body.subject.id, body.detail['reason'] ?? body.detail['target']]);
}

async function approve(session: Session, opId: string): Promise<string> {
  const { context } = session;
  const caller = callerOf('bob');
  const seen = await readOperation(context, caller, opId);
  const digest = (seen.ok ? seen.value.plan?.digest : null) ?? '';
  const decided = await decideApproval(context, caller, { opId, kind: 'approve', digest, comment: '' });
  expect(decided).toMatchObject({ ok: true });
  return digest;
}

it('what waits is announced once when it is planned, and reminded of once when its time is over', async () => {
  await withSession(async (session) => {
    const context = reminding(session);
    const opId = await planned(session, 'ada', 'prod');
    await planned(session, 'ada', 'dev');
    expect(await told(session, 'approval.wanted')).toEqual([[opId, 'prod-1']]);
    session.bench.clock.advance(remindMs - 1);
    expect(await remind(context)).toBe(0);
    session.bench.clock.advance(1);
    // Two servers at once: one says it.
    const said = await Promise.all([remind(context), remind(context)]);
    expect(said.sort()).toEqual([0, 1]);
    expect(await remind(context)).toBe(0);
    expect(await told(session)).toEqual([[opId, 'waiting']]);
  });
});

it('a decision that lapses before anything ran is told in time, once', async () => {
  await withSession(async (session) => {
    const context = reminding(session);
    const opId = await planned(session, 'ada', 'prod');
    await approve(session, opId);
    session.bench.clock.advance(approvalTtlMs - remindMs - 1000);
    expect(await remind(context)).toBe(0);
    session.bench.clock.advance(1000);
    expect(await remind(context)).toBe(1);
    expect(await told(session)).toEqual([[opId, 'expiring']]);
    session.bench.clock.advance(1000);
    expect(await remind(context)).toBe(0);
  });
});

it('nobody is reminded of what runs or lapsed', async () => {
  await withSession(async (session) => {
    const context = reminding(session);
    const opId = await planned(session, 'ada', 'prod');
    const digest = await approve(session, opId);
    const request = { opId, digest, requestId: undefined, busy: 'queue' } as const;
    expect(await startRun(session.context, callerOf('ada'), request)).toMatchObject({ ok: true });
    await claimRun(session, opId);
    session.bench.clock.advance(approvalTtlMs - 1000);
    expect(await remind(context)).toBe(0);
  });
});

it('an operation that cannot be read keeps nobody from being reminded of the others, and is reported', async () => {
  await withSession(async (session) => {
    const first = await planned(session, 'ada', 'prod');
    const unreadable = await planned(session, 'ada', 'prod');
    const third = await planned(session, 'ada', 'prod');
    session.bench.clock.advance(remindMs);
    using database = new DatabaseSync(session.bench.path, { timeout: 5000 });
    database.prepare('update operation set verdict = ? where id = ?').run('no verdict', unreadable);
    const reported: unknown[] = [];
    expect(await remindPeople(reminding(session), (error) => reported.push(error))).toBe(2);
    expect(reported).toMatchObject([{ code: 'E_INTERNAL' }]);
    expect((await told(session)).sort()).toEqual([first, third].map((opId) => [opId, 'waiting']).sort());
  });
});
