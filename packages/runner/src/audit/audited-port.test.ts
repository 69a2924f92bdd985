import { ConnectorError } from '@countersign/connector-kit';
import { CodedError, type Job, type WorkerAuditFact } from '@countersign/protocol';
import { expect, it } from 'vitest';
import { jobOf, openIntent } from '../fixture/fake-job.ts';
import { play, type Script } from '../fixture/scripted-work.ts';

const full = new CodedError('E_STORE', 'no room');

/** Works on a job whose worker notes what it does; `refuse` says which entries the disk does not take. */
async function noted(job: Job, script: Script = {}, refuse: (fact: WorkerAuditFact) => boolean = () => false) {
  const facts: WorkerAuditFact[] = [];
  const order: string[] = [];
  const tell = <T>(what: string, value: T): T => {
    order.push(what);
    return value;
  };
  const played = await play(job, {
    ...script,
    port: {
      recordIntent: async ({ fence }) => tell(`server intent ${fence}`, { go: true }),
      ...script.port,
    },
    target: {
      apply: async () => tell('effect', { after: null, guard: null }),
      ...script.target,
    },
    audit: {
      async record(fact) {
        if (refuse(fact)) throw full;
        facts.push(fact);
        order.push(`noted ${fact.note} ${fact.outcome ?? ''}`.trim());
      },
      close: async () => undefined,
    },
  });
  return { ...played, facts, order };
}

it('notes an intent before the server hears of it and before the effect, then what became of it (DO-1)', async () => {
  const job = jobOf(1, { fence: 7 });
  const { facts, order } = await noted(job);
  expect(order).toEqual([
    'noted intent',
    'server intent 7',
    'effect',
    'noted outcome applied',
    'noted outcome verified',
    'noted ended succeeded',
  ]);
  const { op_id, job_id, run_id, plan_digest } = job;
  const actions = job.steps.map(({ action }) => action);
  for (const fact of facts) {
    const about = { op_id, job_id, run_id, plan_digest, kind: 'run', fence: 7, target: job.target.name, actions };
    expect(fact.job).toEqual(about);
  }
  expect(facts[0]).toMatchObject({ step: { index: 0, action: actions[0] }, code: null, message: null });
});

it('an intent that cannot be noted has no effect, and the server is told why', async () => {
  const { order, outcomes, completed } = await noted(jobOf(2), {}, ({ note }) => note === 'intent');
  expect(order).toEqual(['noted ended failed']);
  expect(outcomes).toEqual([]);
  expect(completed).toMatchObject([{ kind: 'run', result: 'failed', failure: { code: 'E_STORE' } }]);
});

it('an outcome that cannot be noted is told to the server all the same, and to whoever runs the worker', async () => {
  const { order, completed, errors } = await noted(jobOf(1), {}, ({ note }) => note !== 'intent');
  expect(order).toEqual(['noted intent', 'server intent 1', 'effect']);
  expect(completed).toMatchObject([{ result: 'succeeded' }]);
  expect(errors).toEqual([full, full, full]);
});

it('notes what the server held back, and what is left where it stands', async () => {
  const held = await noted(jobOf(1), { port: { recordIntent: async () => ({ go: false, why: 'panic' }) } });
  expect(held.order).toEqual(['noted intent', 'noted withheld panic', 'noted ended cancelled']);
  const lost = new CodedError('E_LEASE_LOST', 'given away');
  const left = await noted(jobOf(1, { lease_ms: 60 }), {
    port: { heartbeat: () => Promise.reject(lost) },
    target: {
      apply: (_step, _before, _guard, { signal }) =>
        new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(lost), { once: true })),
    },
  });
  expect(left.order).toEqual(['noted intent', 'server intent 1', 'noted left']);
});

it('a doubt that is read back is noted as such, and so are plans and reads', async () => {
  const doubt = await noted(jobOf(1, { kind: 'reconcile', intent: openIntent(0) }));
  expect(doubt.facts).toMatchObject([{ note: 'ended', outcome: 'indeterminate', step: { index: 0 } }]);
  expect((await noted(jobOf(1, { kind: 'plan' }))).order).toEqual(['noted ended planned']);
  expect((await noted(jobOf(1, { kind: 'read' }))).order).toEqual(['noted ended succeeded']);
});

it('holds no secret of the job: inputs are not noted, and messages were scrubbed', async () => {
  const secret = 'S3cr3t/Pa55+word';
  const leak = new ConnectorError('E_TARGET_REFUSED', `it is ${secret}`, { effect: 'none', detail: { secret } });
  const fail = () => Promise.reject(leak);
  for (const kind of ['plan', 'run', 'read'] as const) {
    const job = jobOf(1, { kind, secrets: [secret] });
    const { facts } = await noted(job, { target: { plan: fail, apply: fail, read: fail } });
    const text = JSON.stringify(facts);
    expect(text).not.toContain(secret);
    expect(text).toContain('it is [secret]');
  }
});
