import { describe, expect, it } from 'vitest';
import { approvalTtlMs } from '../fixture/engine-bench.ts';
import { giveDecision } from '../fixture/give-decision.ts';
import { callerOf, type PersonName, steppedUp } from '../fixture/people.ts';
import type { Session } from '../fixture/session.ts';
import { planned, withSession } from '../fixture/with-session.ts';
import { readOperation } from '../operation/read-operation.ts';
import { startRun } from '../run/start-run.ts';
import { setPanic } from '../setting/panic.ts';

async function give(session: Session, who: PersonName, kind: 'confirm' | 'approve', opId: string) {
  await readOperation(session.context, callerOf(who), opId);
  const digest = (await session.rows(opId)).plan?.digest ?? undefined;
  return await giveDecision(session.context, callerOf(who), { opId, kind, digest, comment: '' });
}
async function shown(session: Session, opId: string) {
  const answer = await readOperation(session.context, callerOf('ada'), opId);
  if (!answer.ok) throw new Error(answer.message);
  return answer.value;
}

describe('panic', () => {
  it('holds back what would start by itself: after its plan, and after its last decision', async () => {
    await withSession(async (session) => {
      await setPanic(session.context, callerOf('carol'), true, 'test');
      const dev = await planned(session, 'ada', 'dev', { start: 'when_allowed' });
      const prod = await planned(session, 'ada', 'prod', { start: 'when_allowed' });
      expect(await give(session, 'bob', 'approve', prod)).toMatchObject({ ok: true });
      for (const opId of [dev, prod]) {
        expect((await session.rows(opId)).run).toBeNull();
        expect((await shown(session, opId)).display).toBe('ready');
        const request = { opId, digest: undefined, requestId: undefined, busy: 'queue' } as const;
        expect(await startRun(session.context, callerOf('ada'), request)).toMatchObject({ code: 'E_PANIC' });
        await setPanic(session.context, steppedUp(session.context, 'carol'), false, 'over');
        expect(await startRun(session.context, callerOf('ada'), request)).toMatchObject({ ok: true });
        await setPanic(session.context, callerOf('carol'), true, 'test');
      }
    });
  });
});

describe('a decision that expired', () => {
  it('takes the readiness with it, though another decision stands', async () => {
    await withSession(async (session) => {
      const opId = await planned(session, 'adasBot', 'prod');
      await give(session, 'ada', 'confirm', opId);
      session.bench.clock.advance(approvalTtlMs / 2);
      await give(session, 'bob', 'approve', opId);
      expect((await shown(session, opId)).display).toBe('ready');
      session.bench.clock.advance(approvalTtlMs / 2);
      const view = await shown(session, opId);
      expect([view.display, view.verdict?.decision]).toEqual(['waiting_confirmation', 'needs']);
      const request = { opId, digest: undefined, requestId: undefined, busy: 'queue' } as const;
      expect(await startRun(session.context, callerOf('ada'), request)).toMatchObject({ code: 'E_APPROVAL_REQUIRED' });
      expect((await session.rows(opId)).run).toBeNull();
    });
  });
});

it('the same decision of the same person is kept once and changes nothing the second time', async () => {
  await withSession(async (session) => {
    const opId = await planned(session, 'ada', 'prod');
    expect(await give(session, 'bob', 'approve', opId)).toMatchObject({ ok: true });
    const before = await session.rows(opId);
    session.bench.clock.advance(5);
    expect(await give(session, 'bob', 'approve', opId)).toMatchObject({ ok: true });
    expect((await session.rows(opId)).operation).toEqual(before.operation);
    const kept = await session.context.store.read((reads) => reads.approvals.list(opId));
    expect(kept).toHaveLength(1);
  });
});
