import type { Decider } from '@countersign/kernel';
import { describe, expect, it } from 'vitest';
import type { Caller } from '../context/actor.ts';
import { defaultDecider } from '../fixture/default-decider.ts';
import { approvalTtlMs, openEngineBench } from '../fixture/engine-bench.ts';
import { giveDecision } from '../fixture/give-decision.ts';
import { callerOf, type PersonName, steppedUp } from '../fixture/people.ts';
import { Session, targetsOf } from '../fixture/session.ts';
import { planned, withSession } from '../fixture/with-session.ts';
import { listOperations, readOperation } from '../operation/read-operation.ts';
import { startRun } from '../run/start-run.ts';
import { setPanic } from '../setting/panic.ts';
import { decideApproval } from './decide-approval.ts';
import { issueConfirmation } from './issue-confirmation.ts';

async function give(session: Session, who: PersonName, kind: 'confirm' | 'approve', opId: string) {
  await readOperation(session.context, callerOf(who), opId);
  const digest = (await session.rows(opId)).plan?.digest ?? undefined;
  return await giveDecision(session.context, callerOf(who), { opId, kind, digest, comment: '' });
}
/** A session under the solo profile, or with policies more than the shipped ones. */
async function withDecider(decider: Decider, work: (session: Session) => Promise<void>): Promise<void> {
  await using bench = await openEngineBench();
  const targets = targetsOf(1);
  const session = new Session(bench, bench.context(decider, targets), targets);
  await session.register();
  await work(session);
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

describe('the profile solo', () => {
  it("takes one's own approval with the one-time token of its plan, once, and without it from another alone (DO-11)", async () => {
    await withDecider(defaultDecider('solo'), async (session) => {
      const { context } = session;
      const opId = await planned(session, 'carol', 'prod');
      await readOperation(context, callerOf('carol'), opId);
      const digest = (await session.rows(opId)).plan?.digest ?? undefined;
      const approve = (who: PersonName, confirmation?: string) =>
        decideApproval(context, callerOf(who), { opId, kind: 'approve', digest, confirmation, comment: '' });
      expect(await approve('carol')).toMatchObject({ ok: false, code: 'E_CONFIRMATION_INVALID' });
      expect(await approve('carol', 'csc_made-up')).toMatchObject({ ok: false, code: 'E_CONFIRMATION_INVALID' });
      const issued = await issueConfirmation(context, callerOf('carol'), opId);
      if (!issued.ok) throw new Error(issued.message);
      const { confirmation } = issued.value;
      await readOperation(context, callerOf('bob'), opId);
      expect(await approve('bob', confirmation), "another's token is not asked for").toMatchObject({ ok: true });
      expect(await approve('carol', confirmation)).toMatchObject({ ok: true });
      expect(await approve('carol', confirmation)).toMatchObject({ ok: false, code: 'E_CONFIRMATION_INVALID' });
      const given = await context.store.read((reads) => reads.approvals.list(opId));
      expect(given.map(({ principal }) => principal)).toEqual(['person:bob', 'person:carol']);
    });
  });
});

describe('a step-up that policy wants', () => {
  const freshTwo = [
    {
      name: 'fresh.cedar',
      text: `@id("fresh") @reason("Fresh.") @obligation("step_up")
forbid (principal, action in Action::"mutate", resource)
when { context.phase == Phase::"run" && resource.tier == Tier::"prod" } unless { context.step_up };
@id("two") @reason("Two.") @obligation("approve:2")
forbid (principal, action in Action::"mutate", resource)
when { context.phase == Phase::"run" && resource.tier == Tier::"prod" } unless { context.approvals >= 2 };`,
    },
  ];

  it('is told to everybody whose decision needs it, also after somebody else gave theirs (OR-10, DO-10)', async () => {
    await withDecider(defaultDecider('standard', freshTwo), async (session) => {
      const { context } = session;
      const opId = await planned(session, 'ada', 'prod');
      const wanted = async (caller: Caller) => {
        const view = await readOperation(context, caller, opId);
        if (!view.ok) throw new Error(view.message);
        const { step_up: stepUp, next, verdict } = view.value;
        const said = verdict?.obligations.some(({ kind }) => kind === 'step_up') ?? false;
        return { stepUp, first: next[0], said };
      };
      const approve = `countersign approve ${opId}`;
      const needed = { stepUp: 'needed', first: 'countersign step-up' };
      expect(await wanted(callerOf('bob'))).toEqual({ ...needed, said: true });
      const bob = steppedUp(context, 'bob');
      expect(await wanted(bob)).toEqual({ stepUp: 'fresh', first: approve, said: true });
      const digest = (await session.rows(opId)).plan?.digest ?? undefined;
      const decided = await decideApproval(context, bob, { opId, kind: 'approve', digest, comment: '' });
      expect(decided).toMatchObject({ ok: true });
      expect(await wanted(callerOf('carol')), 'policy says it no more').toEqual({ ...needed, said: false });
      expect(await wanted(callerOf('adasBot')), 'no decision of an AI counts').toMatchObject({ stepUp: 'none' });
      const listed = await listOperations(context, callerOf('carol'), { limit: 5 });
      expect(listed.map(({ step_up: stepUp }) => stepUp)).toEqual(['needed']);
      const carol = steppedUp(context, 'carol');
      await wanted(carol);
      expect(await decideApproval(context, carol, { opId, kind: 'approve', digest, comment: '' })).toMatchObject({
        ok: true,
      });
      expect(await wanted(callerOf('bob'))).toEqual({
        stepUp: 'none',
        first: `countersign start ${opId}`,
        said: false,
      });
    });
  });

  it('is none where policy wants none', async () => {
    await withSession(async (session) => {
      const opId = await planned(session, 'ada', 'prod');
      expect((await shown(session, opId)).step_up).toBe('none');
    });
  });
});
