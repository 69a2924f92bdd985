import { DatabaseSync } from 'node:sqlite';
import { grantsOf } from '@countersign/kernel';
import { expect, it } from 'vitest';
import { decideApproval } from '../approval/decide-approval.ts';
import { breakGlass } from '../break-glass/break-glass.ts';
import { decideDraft } from '../draft/decide-draft.ts';
import { claim, completePlan } from '../fixture/do-work.ts';
import { giveDecision } from '../fixture/give-decision.ts';
import { callerOf, type PersonName, steppedUp } from '../fixture/people.ts';
import type { Session } from '../fixture/session.ts';
import { planned, withSession } from '../fixture/with-session.ts';
import { replanOperation } from '../operation/edit-operation.ts';
import { readOperation } from '../operation/read-operation.ts';
import { startRun } from '../run/start-run.ts';
import { disablePerson } from './change-person.ts';

async function join({ context }: Session, name: string): Promise<void> {
  const person = {
    id: `id-${name}`,
    name,
    grants: grantsOf('approver'),
    groups: [],
    state: 'active',
    passwordHash: null,
    identity: null,
    invitedBy: 'carol',
    createdAt: 1,
    signedInAt: null,
  } as const;
  expect(await context.store.write((unit) => unit.people.insert(person))).toBe(true);
}

async function decide(session: Session, who: PersonName, kind: 'approve' | 'confirm', opId: string): Promise<void> {
  await readOperation(session.context, callerOf(who), opId);
  const digest = (await session.rows(opId)).plan?.digest ?? undefined;
  const decided = await giveDecision(session.context, callerOf(who), { opId, kind, digest, comment: '' });
  expect(decided).toMatchObject({ ok: true });
}

const disable = ({ context }: Session, name: string) => disablePerson(context, callerOf('carol'), name);
const approvalsOf = ({ context }: Session, opId: string) => context.store.read((reads) => reads.approvals.list(opId));
const decisionOn = async (session: Session, opId: string) => (await session.rows(opId)).operation.verdict?.decision;

async function told({ context }: Session, event: string): Promise<unknown[]> {
  const entries = await context.store.read((reads) => reads.audit.query({ events: [event], limit: 50 }));
  return entries.map(({ body }) => [body.subject.id, body.outcome, body.detail]);
}

it("a disabled person's decisions count no more on what has not run, and what leant on them waits again (OA-6)", async () => {
  await withSession(async (session) => {
    await join(session, 'bob');
    const leaning = await planned(session, 'ada', 'prod');
    const replanned = await planned(session, 'ada', 'prod');
    const others = await planned(session, 'ada', 'prod');
    const run = await planned(session, 'ada', 'prod');
    for (const opId of [leaning, replanned, run]) await decide(session, 'bob', 'approve', opId);
    await decide(session, 'carol', 'approve', others);
    const digest = (await session.rows(run)).plan?.digest ?? undefined;
    const request = { opId: run, digest, requestId: undefined, busy: 'queue' } as const;
    await readOperation(session.context, callerOf('ada'), run);
    expect(await startRun(session.context, callerOf('ada'), request)).toMatchObject({ ok: true });
    expect(await replanOperation(session.context, callerOf('ada'), replanned)).toMatchObject({ ok: true });

    expect(await disable(session, 'bob')).toMatchObject({ ok: true });
    expect([await decisionOn(session, leaning), await decisionOn(session, others)]).toEqual(['needs', 'allow']);
    const now = session.bench.clock.now();
    for (const opId of [leaning, replanned])
      expect(await approvalsOf(session, opId)).toMatchObject([{ voidedAt: now, consumedByRun: null }]);
    expect(await approvalsOf(session, run), 'what was spent stays').toMatchObject([{ voidedAt: null }]);
    expect(await told(session, 'person.disabled')).toMatchObject([['bob', 'ok', { approvals: 2, held: 0 }]]);
    expect(await told(session, 'operation.redecided')).toMatchObject([[leaning, 'ok', { decision: 'needs' }]]);
    // A plan with the same digest brings no decision back.
    const job = await claim(session, 'plan');
    if (job === null) throw new Error('there is a plan to make again');
    await completePlan(session, job, 'ok');
    expect(await decisionOn(session, replanned)).toBe('needs');
    expect(await disable(session, 'bob')).toMatchObject({ ok: true });
    expect(await told(session, 'person.disabled')).toMatchObject([
      ['bob', 'ok', { approvals: 2 }],
      ['bob', 'ok', { approvals: 0 }],
    ]);
  });
});

it('nothing that a disabled person or an agent of theirs proposed starts by itself any more (OA-6)', async () => {
  await withSession(async (session) => {
    await join(session, 'ada');
    const when = { start: 'when_allowed' } as const;
    const own = await planned(session, 'ada', 'prod', when);
    const bots = await planned(session, 'adasBot', 'prod', when);
    const others = await planned(session, 'bob', 'prod', when);
    await decide(session, 'ada', 'confirm', bots);
    expect(await disable(session, 'ada')).toMatchObject({ ok: true });
    expect((await told(session, 'operation.held_back')).toSorted()).toEqual(
      [own, bots].map((opId) => [opId, 'ok', { disabled: 'ada' }]).toSorted(),
    );
    expect(await told(session, 'person.disabled')).toMatchObject([['ada', 'ok', { approvals: 1, held: 2 }]]);
    await decide(session, 'bob', 'approve', own);
    await decide(session, 'carol', 'approve', others);
    expect([(await session.rows(own)).run, (await session.rows(own)).operation.verdict?.decision]).toEqual([
      null,
      'allow',
    ]);
    expect((await session.rows(others)).run).not.toBeNull();
  });
});

it('an operation that cannot be read keeps nobody from being disabled', async () => {
  await withSession(async (session) => {
    await join(session, 'bob');
    const unreadable = await planned(session, 'ada', 'prod');
    const readable = await planned(session, 'ada', 'prod');
    const starting = await planned(session, 'bob', 'prod', { start: 'when_allowed' });
    for (const opId of [unreadable, readable]) await decide(session, 'bob', 'approve', opId);
    using database = new DatabaseSync(session.bench.path, { timeout: 5000 });
    const spoil = database.prepare('update operation set verdict = ? where id = ?');
    for (const opId of [unreadable, starting]) spoil.run('no verdict', opId);
    expect(await disable(session, 'bob')).toMatchObject({ ok: true });
    expect(await decisionOn(session, readable)).toBe('needs');
    const failed = (await told(session, 'operation.redecided')).filter((entry) =>
      JSON.stringify(entry).includes('failed'),
    );
    expect(failed).toMatchObject([[unreadable, 'failed', { code: 'E_INTERNAL' }]]);
  });
});

it('a word that was on its way when its person was disabled is refused, whichever word it is', async () => {
  await withSession(async (session) => {
    await join(session, 'bob');
    const opId = await planned(session, 'ada', 'prod');
    await readOperation(session.context, callerOf('bob'), opId);
    const digest = (await session.rows(opId)).plan?.digest ?? '';
    // Who asks was let in before, as by a request that waits.
    const caller = steppedUp(session.context, 'bob');
    const disabled = disable(session, 'bob');
    const decided = decideApproval(session.context, caller, { opId, kind: 'approve', digest, comment: '' });
    expect(await disabled).toMatchObject({ ok: true });
    expect(await decided).toMatchObject({ ok: false, code: 'E_AUTH_INVALID' });
    const glass = await breakGlass(session.context, caller, { opId, digest, reason: 'fire' });
    expect(glass).toMatchObject({ ok: false, code: 'E_AUTH_INVALID' });
    expect([await approvalsOf(session, opId), (await session.rows(opId)).run]).toEqual([[], null]);
    for (const event of ['approval.refused', 'break_glass.refused'])
      expect(await told(session, event)).toMatchObject([[opId, 'refused', { code: 'E_AUTH_INVALID' }]]);
  });
});

it('a draft is decided by nobody who is disabled, though their request was let in before (OA-6, OR-10)', async () => {
  await withSession(async (session) => {
    await join(session, 'bob');
    const opId = await planned(session, 'ada', 'prod');
    await readOperation(session.context, callerOf('bob'), opId);
    expect(await disable(session, 'bob')).toMatchObject({ ok: true });
    for (const decision of ['approve', 'reject'] as const) {
      const decided = decideDraft(session.context, callerOf('bob'), {
        opId,
        decision,
        digest: undefined,
        comment: '',
        confirmedElsewhere: false,
      });
      expect(await decided).toMatchObject({ ok: false, code: 'E_AUTH_INVALID' });
    }
    expect(await approvalsOf(session, opId)).toEqual([]);
  });
});
