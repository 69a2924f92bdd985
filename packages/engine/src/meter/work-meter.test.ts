import { expect, it } from 'vitest';
import { defaultDecider } from '../fixture/default-decider.ts';
import { claim } from '../fixture/do-work.ts';
import { callerOf } from '../fixture/people.ts';
import type { Session } from '../fixture/session.ts';
import { claimRun, planned, record, withSession } from '../fixture/with-session.ts';
import { proposeOperation } from '../operation/propose-operation.ts';
import { sweepLeases } from '../sweep/sweeper.ts';
import { workerPort } from '../worker/in-process-port.ts';
import { readStanding } from './read-standing.ts';
import type { WorkFact } from './work-fact.ts';
import { elapsedMs, labelsOf, tellAfter } from './work-meter.ts';

const work = { connector: 'fake', action: 'fake.set' };

/** What is told from here on; transactions are the store's to tell. */
function factsOf({ context }: Session): WorkFact[] {
  const facts: WorkFact[] = [];
  context.workMeter.observe((fact) => facts.push(fact));
  return facts;
}

const complete = async (session: Session, job: Parameters<Session['fenceOf']>[0], result: 'succeeded' | 'unknown') =>
  await workerPort(session.context).complete(session.fenceOf(job), { kind: 'run', result, artifacts: [] });

it('a run that succeeds is told with what it waited and took, once each (DO-14)', () =>
  withSession(async (session) => {
    const facts = factsOf(session);
    const { clock } = session.bench;
    const opId = await planned(session, 'ada', 'dev', { start: 'when_allowed' });
    clock.advance(3000);
    const job = await claimRun(session, opId);
    await record(session, job, 0, ['intent']);
    clock.advance(500);
    await record(session, job, 0, ['applied', 'verified', 'verified']);
    clock.advance(1500);
    await complete(session, job, 'succeeded');
    expect(facts).toEqual([
      { fact: 'claimed', kind: 'plan', connector: 'fake', waitedMs: 0 },
      { fact: 'planned', ...work, outcome: 'made', tookMs: 0 },
      { fact: 'decided', connector: 'fake', tookMs: 0 },
      { fact: 'claimed', kind: 'run', connector: 'fake', waitedMs: 3000 },
      { fact: 'step_ended', ...work, outcome: 'verified', tookMs: 500 },
      { fact: 'ended', ...work, effect: 'write', outcome: 'succeeded', tookMs: 2000 },
    ]);
  }));

it('a lost worker, a doubt and its end are told; the doubt stands while it lasts, and how old it is', () =>
  withSession(async (session) => {
    const { clock } = session.bench;
    const opId = await planned(session, 'ada', 'dev', { start: 'when_allowed' });
    const facts = factsOf(session);
    const lost = await claimRun(session, opId);
    await record(session, lost, 0, ['intent']);
    clock.advance(lost.lease_ms + 1);
    await sweepLeases(session.context);
    const job = await claimRun(session, opId);
    await record(session, job, 0, ['unknown']);
    await complete(session, job, 'unknown');
    expect(facts.map(({ fact }) => fact)).toEqual(['claimed', 'taken_back', 'claimed', 'step_ended', 'doubted']);
    expect(facts[1]).toEqual({ fact: 'taken_back', kind: 'run', why: 'expired', givenUp: false });
    expect(facts[2]).toEqual({ fact: 'claimed', kind: 'run', connector: 'fake', waitedMs: null });
    clock.advance(60_000);
    const { runs, locks, jobs } = await readStanding(session.context);
    const oldestMs = lost.lease_ms + 1 + 60_000;
    expect(runs).toEqual([{ state: 'outcome_unknown', connector: 'fake', count: 1, oldestMs }]);
    expect(locks).toEqual([{ connector: 'fake', count: 1, oldestMs }]);
    const waits = { kind: 'reconcile', target: 'dev-1', connector: 'fake', count: 1, oldestMs: 60_000 };
    expect(jobs).toEqual([waits]);
    const reconcile = await claim(session, 'reconcile');
    if (reconcile === null) throw new Error('nothing looks again');
    const found = { kind: 'reconcile', index: 0, result: 'not_applied', after: null, guard: null } as const;
    await workerPort(session.context).complete(session.fenceOf(reconcile), found);
    expect(facts.at(-1)).toEqual({ fact: 'ended', ...work, effect: 'write', outcome: 'failed', tookMs: oldestMs });
    expect((await readStanding(session.context)).runs).toEqual([]);
  }));

it('what policy denies is told by the phase, and what a worker hands in twice or too late is not told again', () =>
  withSession(async (session) => {
    const opId = await planned(session, 'ada', 'dev', { start: 'when_allowed' });
    const job = await claimRun(session, opId);
    const facts = factsOf(session);
    const port = workerPort(session.context);
    const said = { first: 1, events: [{ type: 'progress' as const, step: 0, message: 'm', fraction: null }] };
    await port.appendOutput(session.fenceOf(job), said);
    await port.appendOutput(session.fenceOf(job), said);
    expect(facts.reduce((sum, fact) => sum + (fact.fact === 'said' ? fact.events : 0), 0)).toBe(1);
    session.bench.clock.advance(job.lease_ms + 1);
    const before = facts.length;
    await expect(port.appendOutput(session.fenceOf(job), said)).rejects.toMatchObject({ code: 'E_LEASE_LOST' });
    await expect(complete(session, job, 'succeeded')).rejects.toMatchObject({ code: 'E_LEASE_LOST' });
    expect(facts.length).toBe(before);
    const proposal = {
      selector: { target: 'dev-1' },
      steps: [{ action: 'fake.set', inputs: { value: 'x' } }],
      start: 'manual' as const,
      note: '',
      plannedBy: null,
      origin: 'api' as const,
      rollbackOf: null,
      idempotency: null,
    };
    const denying = defaultDecider('standard', [
      { name: 'never.cedar', text: '@id("never") @reason("Never.")\nforbid (principal, action, resource);' },
    ]);
    const denied = await proposeOperation({ ...session.context, decider: denying }, callerOf('ada'), proposal);
    expect(denied).toMatchObject({ ok: false, code: 'E_POLICY_DENIED' });
    expect(facts.at(-1)).toEqual({ fact: 'refused', ...work, phase: 'propose' });
  }));

it('several actions are told under one name, and no two clocks give less than nothing', () => {
  const target = { name: 't', project: 'p', environment: 'dev', tier: 'dev', connector: 'repo' } as const;
  const steps = ['repo.write_files', 'repo.revert', 'repo.revert'].map((action) => ({ action, inputs: {} }));
  expect(labelsOf({ target, steps })).toEqual({ connector: 'repo', action: 'several' });
  expect(labelsOf({ target, steps: steps.slice(1) })).toEqual({ connector: 'repo', action: 'repo.revert' });
  expect(elapsedMs(10, 3)).toBe(0);
});

it('what a unit tells that does not commit was not so, and is not told', () =>
  withSession(async (session) => {
    const facts = factsOf(session);
    const { context } = session;
    const unit = (fails: boolean) =>
      context.store.write(async (open) => {
        tellAfter(context, open, { fact: 'doubted', ...work });
        if (fails) throw new Error('rolled back');
        expect(facts).toEqual([]);
      });
    await expect(unit(true)).rejects.toThrow('rolled back');
    await unit(false);
    expect(facts).toEqual([{ fact: 'doubted', ...work }]);
  }));
