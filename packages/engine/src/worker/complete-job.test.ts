import type { CompleteRequest } from '@countersign/protocol';
import { describe, expect, it } from 'vitest';
import { claim } from '../fixture/do-work.ts';
import { callerOf } from '../fixture/people.ts';
import type { Session } from '../fixture/session.ts';
import { claimRun, planned, record, withSession } from '../fixture/with-session.ts';
import { cancelOperation } from '../run/cancel-operation.ts';
import { workerPort } from './in-process-port.ts';

async function running(session: Session, count: number) {
  const opId = await planned(session, 'ada', 'dev', { count, start: 'when_allowed' });
  const job = await claimRun(session, opId);
  const port = workerPort(session.context);
  const complete = (request: CompleteRequest) => port.complete(session.fenceOf(job), request);
  return { opId, job, port, complete };
}
const ended = (result: 'succeeded' | 'failed' | 'cancelled' | 'stale' | 'unknown'): CompleteRequest => ({
  ...{ kind: 'run', result, artifacts: [] },
});

describe('a run with a step in doubt does not end, whatever its worker says', () => {
  const doubts = [['intent'], ['intent', 'applied'], ['intent', 'unknown']] as const;
  const words = ['succeeded', 'failed', 'cancelled', 'stale', 'unknown'] as const;
  it.each(doubts.flatMap((doubt) => words.map((word) => [doubt, word] as const)))('%s, %s', async (doubt, word) => {
    await withSession(async (session) => {
      const { opId, job, complete } = await running(session, 2);
      await record(session, job, 0, doubt);
      await complete(ended(word));
      const { run, steps } = await session.rows(opId);
      expect(run?.state).toBe('outcome_unknown');
      expect(steps.map((step) => step.state)).toEqual(['unknown', 'pending']);
    });
  });
});

describe('a worker that is wrong is refused, and nothing changes', () => {
  it('says unknown of a run in which nothing is in doubt', async () => {
    await withSession(async (session) => {
      const { opId, complete } = await running(session, 1);
      await expect(complete(ended('unknown'))).rejects.toMatchObject({ code: 'E_VALIDATION' });
      expect((await session.rows(opId)).run?.state).toBe('running');
    });
  });

  it('begins a step before the one ahead of it is verified, or one that has ended', async () => {
    await withSession(async (session) => {
      const { job } = await running(session, 2);
      await expect(record(session, job, 1, ['intent'])).rejects.toMatchObject({ code: 'E_STATE' });
      await record(session, job, 0, ['intent', 'applied', 'verified']);
      await expect(record(session, job, 0, ['intent'])).rejects.toMatchObject({ code: 'E_STATE' });
      await expect(record(session, job, 7, ['intent'])).rejects.toMatchObject({ code: 'E_VALIDATION' });
      await record(session, job, 1, ['intent', 'applied', 'verified']);
    });
  });

  it('reconciles another step than the one in doubt', async () => {
    await withSession(async (session) => {
      const { opId, job, complete, port } = await running(session, 2);
      await record(session, job, 0, ['intent', 'unknown']);
      await complete(ended('unknown'));
      session.bench.clock.advance(2000);
      const doubt = await claim(session, 'reconcile');
      if (doubt === null) throw new Error('there is no reconcile job');
      const told = { kind: 'reconcile', index: 1, result: 'not_applied', after: null, guard: null } as const;
      await expect(port.complete(session.fenceOf(doubt), told)).rejects.toMatchObject({ code: 'E_VALIDATION' });
      expect((await session.rows(opId)).run?.state).toBe('outcome_unknown');
    });
  });
});

it('a run that lost its worker after a step failed keeps the reason of the step', async () => {
  await withSession(async (session) => {
    const { opId, job, complete, port } = await running(session, 1);
    await record(session, job, 0, ['intent']);
    const failure = { code: 'E_TARGET_REFUSED', message: 'no' };
    await port.recordOutcome(session.fenceOf(job), { index: 0, outcome: 'failed', after: null, guard: null, failure });
    await complete(ended('failed'));
    expect((await session.rows(opId)).run?.failure).toEqual(failure);
  });
});

it('a cancel that was asked for before the doubt holds after it: the next step is not begun', async () => {
  await withSession(async (session) => {
    const { opId, job, complete, port } = await running(session, 2);
    await record(session, job, 0, ['intent', 'unknown']);
    await cancelOperation(session.context, callerOf('ada'), opId, 'stop');
    await complete(ended('unknown'));
    session.bench.clock.advance(2000);
    const doubt = await claim(session, 'reconcile');
    if (doubt === null) throw new Error('there is no reconcile job');
    const told = { kind: 'reconcile', index: 0, result: 'applied', after: null, guard: null } as const;
    await port.complete(session.fenceOf(doubt), told);
    const again = await claimRun(session, opId);
    await record(session, again, 0, ['verified']);
    const answer = await port.recordIntent(session.fenceOf(again), { index: 1, before: null, guard: null });
    expect(answer).toEqual({ go: false, why: 'cancelled' });
  });
});

it('an outcome that is said twice is recorded once; another one is refused', async () => {
  await withSession(async (session) => {
    const { opId, job, complete, port } = await running(session, 1);
    await record(session, job, 0, ['intent', 'applied', 'applied', 'verified', 'verified']);
    const events = (await session.rows(opId)).steps;
    expect(events.map((step) => step.state)).toEqual(['verified']);
    const other = { index: 0, outcome: 'verified', after: { now: 2 }, guard: null } as const;
    await expect(port.recordOutcome(session.fenceOf(job), other)).rejects.toMatchObject({ code: 'E_STATE' });
    await expect(record(session, job, 0, ['failed'])).rejects.toMatchObject({ code: 'E_STATE' });
    await complete(ended('succeeded'));
    expect((await session.rows(opId)).run?.state).toBe('succeeded');
  });
});

it('a doubt may be told again for another reason', async () => {
  await withSession(async (session) => {
    const { opId, job, port } = await running(session, 1);
    await record(session, job, 0, ['intent', 'unknown']);
    const failure = { code: 'E_TIMEOUT', message: 'again' };
    await port.recordOutcome(session.fenceOf(job), { index: 0, outcome: 'unknown', after: null, guard: null, failure });
    expect((await session.rows(opId)).steps[0]).toMatchObject({ state: 'unknown', failure });
    await port.complete(session.fenceOf(job), ended('unknown'));
  });
});
