import { DatabaseSync } from 'node:sqlite';
import type { Decider } from '@countersign/kernel';
import { expect, it } from 'vitest';
import { defaultDecider } from '../fixture/default-decider.ts';
import { claim } from '../fixture/do-work.ts';
import { approvalTtlMs, openEngineBench } from '../fixture/engine-bench.ts';
import { giveDecision } from '../fixture/give-decision.ts';
import { callerOf, type PersonName } from '../fixture/people.ts';
import { Session, targetsOf } from '../fixture/session.ts';
import { planned, withSession } from '../fixture/with-session.ts';
import { readOperation } from '../operation/read-operation.ts';
import { startRun } from '../run/start-run.ts';
import { policiesAtStart } from './reload-policies.ts';

const twoInProd = {
  name: 'two.cedar',
  text: `@id("prod-two") @reason("Two.") @obligation("approve:2")
forbid (principal, action in Action::"mutate", resource)
when { context.phase == Phase::"run" && resource.tier == Tier::"prod" } unless { context.approvals >= 2 };`,
};

function under(session: Session, decider: Decider) {
  return { ...session.context, decider };
}
const verdictOf = async (session: Session, opId: string) =>
  (await session.context.store.read((reads) => reads.operations.get(opId)))?.verdict;
async function approve(session: Session, who: PersonName, opId: string) {
  await readOperation(session.context, callerOf(who), opId);
  const digest = (await session.rows(opId)).plan?.digest ?? undefined;
  return await giveDecision(session.context, callerOf(who), { opId, kind: 'approve', digest, comment: '' });
}
const wantsTwo = { obligations: [{ kind: 'approve', count: 2 }] };

it('a sweep goes on past an operation that cannot be decided, and is taken up again until none is left out', async () => {
  await withSession(async (session) => {
    expect(await policiesAtStart(session.context)).toBe(0);
    const first = await planned(session, 'ada', 'prod');
    const second = await planned(session, 'ada', 'prod');
    const third = await planned(session, 'ada', 'prod');
    expect(await approve(session, 'bob', second)).toMatchObject({ ok: true });
    using database = new DatabaseSync(session.bench.path, { timeout: 5000 });
    const statement = String(database.prepare('select statement from approval').get()?.['statement']);
    const put = (text: string) => database.prepare('update approval set statement = ?').run(text);
    put('no statement');
    const stricter = under(session, defaultDecider('standard', [twoInProd]));
    expect(await policiesAtStart(stricter)).toBe(2);
    expect(await verdictOf(session, first)).toMatchObject(wantsTwo);
    expect(await verdictOf(session, third)).toMatchObject(wantsTwo);
    expect(await verdictOf(session, second)).toMatchObject({ decision: 'allow' });
    put(statement);
    expect(await policiesAtStart(stricter), 'the next start takes it up').toBe(1);
    expect(await verdictOf(session, second)).toMatchObject(wantsTwo);
    expect(await policiesAtStart(stricter)).toBe(0);
  });
});

it('a sweep goes on past an operation whose own row cannot be read, and tells of it', async () => {
  await withSession(async (session) => {
    expect(await policiesAtStart(session.context)).toBe(0);
    const first = await planned(session, 'ada', 'prod');
    const second = await planned(session, 'ada', 'prod');
    const third = await planned(session, 'ada', 'prod');
    using database = new DatabaseSync(session.bench.path, { timeout: 5000 });
    const verdict = String(database.prepare('select verdict from operation where id = ?').get(second)?.['verdict']);
    const put = (text: string) => database.prepare('update operation set verdict = ? where id = ?').run(text, second);
    put('no verdict');
    const stricter = under(session, defaultDecider('standard', [twoInProd]));
    expect(await policiesAtStart(stricter)).toBe(2);
    for (const opId of [first, third]) expect(await verdictOf(session, opId)).toMatchObject(wantsTwo);
    const entries = await session.context.store.read((reads) =>
      reads.audit.query({ events: ['operation.redecided'], subjectId: second, limit: 9 }),
    );
    expect(entries.map(({ body }) => [body.outcome, body.detail['code']])).toEqual([['failed', 'E_INTERNAL']]);
    put(verdict);
    expect(await policiesAtStart(stricter), 'the next start takes it up').toBe(1);
    expect(await verdictOf(session, second)).toMatchObject(wantsTwo);
  });
});

it('an approval that had expired when the run was created does not count when stricter policies ask at its claim', async () => {
  await using bench = await openEngineBench();
  const targets = targetsOf(1);
  let current = defaultDecider('standard');
  const decider: Decider = { ...current, decide: (question) => current.decide(question) };
  const session = new Session(bench, bench.context(decider, targets), targets);
  await session.register();
  const opId = await planned(session, 'ada', 'prod');
  expect(await approve(session, 'bob', opId)).toMatchObject({ ok: true });
  session.bench.clock.advance(approvalTtlMs / 2);
  expect(await approve(session, 'carol', opId)).toMatchObject({ ok: true });
  session.bench.clock.advance(approvalTtlMs / 2);
  const digest = (await session.rows(opId)).plan?.digest ?? undefined;
  const request = { opId, digest, requestId: undefined, busy: 'queue' } as const;
  expect(await startRun(session.context, callerOf('ada'), request)).toMatchObject({ ok: true });
  current = defaultDecider('standard', [twoInProd]);
  expect(await claim(session, 'run')).toBeNull();
  expect((await session.rows(opId)).run).toMatchObject({ failure: { code: 'E_APPROVAL_REQUIRED' } });
});
