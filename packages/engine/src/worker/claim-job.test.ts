import type { Decider } from '@countersign/kernel';
import type { CompleteRequest, JobKind } from '@countersign/protocol';
import { expect, it } from 'vitest';
import { defaultDecider } from '../fixture/default-decider.ts';
import { openEngineBench, registration } from '../fixture/engine-bench.ts';
import { callerOf } from '../fixture/people.ts';
import { Session, targetsOf } from '../fixture/session.ts';
import { claimRun, planned, withSession } from '../fixture/with-session.ts';
import { proposeOperation } from '../operation/propose-operation.ts';
import { claimJob } from './claim-job.ts';
import { workerPort } from './in-process-port.ts';
import { registerWorker } from './register-worker.ts';

const jobs = 12;
const claimsAtOnce = 40;

it('of two workers that ask for everything at once, each job goes to exactly one', async () => {
  await withSession(async (session) => {
    const { context, targets } = session;
    const second = context.ids.next();
    await registerWorker(context, registration('second', second, targets));
    const [dev] = targets;
    for (let count = 0; count < jobs; count += 1) {
      const proposed = await proposeOperation(context, callerOf('ada'), {
        selector: { target: dev?.name ?? '' },
        steps: [{ action: 'fake.set', inputs: { value: `${count}` } }],
        ...{ start: 'manual', note: '', plannedBy: null, origin: 'api', rollbackOf: null, idempotency: null },
      });
      expect(proposed.ok).toBe(true);
    }
    const kinds: JobKind[] = ['plan'];
    const claims = Array.from({ length: claimsAtOnce }, (_, index) => {
      const own =
        index % 2 === 0 ? { worker: 'worker', instance: session.instance } : { worker: 'second', instance: second };
      return claimJob(context, { ...own, kinds, wait_ms: 0 }, new AbortController().signal);
    });
    const claimed = (await Promise.all(claims)).flatMap((job) => (job === null ? [] : [job]));
    expect(claimed).toHaveLength(jobs);
    expect(new Set(claimed.map((job) => job.job_id)).size).toBe(jobs);
    expect(claimed.every((job) => job.fence === 1)).toBe(true);
  });
});

/** Today's policies until `become` says otherwise. */
function changingDecider(): { decider: Decider; become(decision: 'deny' | 'needs'): void } {
  const shipped = defaultDecider('standard');
  let decision: 'deny' | 'needs' | null = null;
  return {
    become: (wanted) => {
      decision = wanted;
    },
    decider: {
      ...shipped,
      decide: (question) => {
        const verdict = shipped.decide(question);
        if (decision === null) return verdict;
        const obligations = decision === 'needs' ? [{ kind: 'confirm' as const }] : [];
        return { ...verdict, decision, reason: 'stricter since', obligations };
      },
    },
  };
}

async function withChangingPolicy(
  work: (session: Session, become: (decision: 'deny' | 'needs') => void) => Promise<void>,
): Promise<void> {
  await using bench = await openEngineBench();
  const targets = targetsOf(1);
  const { decider, become } = changingDecider();
  const session = new Session(bench, bench.context(decider, targets), targets);
  await session.register();
  await work(session, become);
}

const stricter = [
  ['deny', 'E_POLICY_DENIED'],
  ['needs', 'E_APPROVAL_REQUIRED'],
] as const;

it.each(stricter)(
  'policy became stricter while a run waited (%s): it ends before it begins (promise 3)',
  async (decision, code) => {
    await withChangingPolicy(async (session, become) => {
      const opId = await planned(session, 'ada', 'dev', { start: 'when_allowed' });
      expect((await session.rows(opId)).run?.state).toBe('queued');
      become(decision);
      await expect(claimRun(session, opId)).rejects.toThrow();
      const { run, steps } = await session.rows(opId);
      expect(run).toMatchObject({ state: 'failed', startedAt: null, failure: { code } });
      expect(steps.map(({ state }) => state)).toEqual(['skipped']);
      expect(await session.context.store.read((reads) => reads.locks.all())).toEqual([]);
    });
  },
);

it('policy became stricter after a run began: whoever takes it over goes on', async () => {
  await withChangingPolicy(async (session, become) => {
    const opId = await planned(session, 'ada', 'dev', { start: 'when_allowed' });
    await claimRun(session, opId);
    become('deny');
    await session.register();
    await claimRun(session, opId);
    expect((await session.rows(opId)).run).toMatchObject({ state: 'running', attempt: 2 });
  });
});

it('a job is completed as what it is, and stays held when it is not', async () => {
  await withSession(async (session) => {
    const opId = await planned(session, 'ada', 'dev', { start: 'when_allowed' });
    const job = await claimRun(session, opId);
    const port = workerPort(session.context);
    const fence = session.fenceOf(job);
    const others: CompleteRequest[] = [
      { kind: 'plan', result: session.planned(1, 'ok') },
      { kind: 'read', result: 'succeeded', artifacts: [] },
      { kind: 'reconcile', index: 0, result: 'applied', after: null, guard: null },
    ];
    for (const request of others)
      await expect(port.complete(fence, request)).rejects.toMatchObject({
        code: 'E_VALIDATION',
        detail: { field: 'request.kind' },
      });
    expect((await session.rows(opId)).run?.state).toBe('running');
    await port.heartbeat(fence);
  });
});
