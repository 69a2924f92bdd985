import { ConnectorError } from '@countersign/connector-kit';
import { CodedError } from '@countersign/protocol';
import { describe, expect, it } from 'vitest';
import { digestOf, doneStep, jobOf, plan } from '../fixture/fake-job.ts';
import { play } from '../fixture/scripted-work.ts';

const moved = { resource: 'r', kind: 'k', fingerprint: digestOf('b'), observed: { version: 2 } };
const maybe = new ConnectorError('E_TARGET_UNREACHABLE', 'connection reset');

describe('a run', () => {
  it('records its intent before each effect and what became of it after, step by step', async () => {
    const { log, effects, errors } = await play(jobOf(2));
    expect(log).toEqual([
      'observe',
      ...['before 0 observed', 'intent 0', 'apply 0 observed', 'outcome 0 applied', 'verify 0', 'outcome 0 verified'],
      ...['before 1 after 0', 'intent 1', 'apply 1 after 0', 'outcome 1 applied', 'verify 1', 'outcome 1 verified'],
      'complete run succeeded',
    ]);
    expect(effects).toEqual(['key.0', 'key.1']);
    expect(errors).toEqual([]);
  });

  it.each([
    ['a fingerprint', { identity: 'fake:1', preconditions: [moved] }, 'k r'],
    ['a resource gone', { identity: 'fake:1', preconditions: [] }, 'k r'],
    [
      'another system',
      { identity: 'fake:2', preconditions: [{ ...moved, fingerprint: digestOf('a') }] },
      'identity fake:2',
    ],
  ])('is refused as stale before any effect: %s', async (_what, seen, named) => {
    const { log, completed } = await play(jobOf(1), { target: { observe: async () => ({ ...seen, guard: null }) } });
    expect(log).toEqual(['observe', 'complete run stale']);
    expect(completed[0]).toMatchObject({ failure: { code: 'E_PLAN_STALE', detail: { resources: [named] } } });
  });

  it.each([{ name: 'fakes' }, { version: '2' }, { manifest_hash: digestOf('e') }])(
    'is refused as stale before any effect where the worker has another connector: %j',
    async (connector) => {
      for (const done of [[], [doneStep(0, 'verified')]]) {
        const { log, completed } = await play(jobOf(2, { done }), { connector });
        expect(log).toEqual(['complete run stale']);
        expect(completed[0]).toMatchObject({ failure: { code: 'E_PLAN_STALE' } });
        const failure = completed[0]?.kind === 'run' ? completed[0].failure : undefined;
        for (const part of [Object.values(connector)[0], plan.connector.version])
          expect(failure?.message).toContain(part);
      }
    },
  );

  it('fails without effect where the target cannot be observed, or a step cannot be looked at before', async () => {
    const down = async (): Promise<never> => {
      throw new ConnectorError('E_TARGET_UNREACHABLE', 'no answer', { effect: 'none' });
    };
    expect((await play(jobOf(1), { target: { observe: down } })).log).toEqual(['observe', 'complete run failed']);
    const { log, effects } = await play(jobOf(1), { target: { before: down } });
    expect(log.at(-1)).toBe('complete run failed');
    expect([log.includes('intent 0'), effects]).toEqual([false, []]);
  });

  it('does not run inputs that the action does not know, nor an action it has not', async () => {
    const strange = jobOf(1, { steps: [{ action: 'fake.set', inputs: { other: 1 }, index: 0, idempotency_key: 'k' }] });
    const unknown = jobOf(1, { steps: [{ action: 'fake.gone', inputs: {}, index: 0, idempotency_key: 'k' }] });
    for (const [job, code] of [
      [strange, 'E_VALIDATION'],
      [unknown, 'E_ACTION_UNKNOWN'],
    ] as const) {
      const { log, completed } = await play(job);
      expect(log).toEqual(['complete run failed']);
      expect(completed[0]).toMatchObject({ failure: { code } });
    }
    expect((await play(jobOf(1, { plan: null }))).log).toEqual(['complete run failed']);
  });
});

describe('an effect that failed', () => {
  it('and promises that nothing happened fails the step; nobody reads back', async () => {
    const none = new ConnectorError('E_TARGET_REFUSED', 'no', { effect: 'none' });
    const { log } = await play(jobOf(2), { target: { apply: () => Promise.reject(none) } });
    expect(log.slice(-3)).toEqual(['apply 0 observed', 'outcome 0 failed', 'complete run failed']);
    expect(log.some((entry) => entry.startsWith('reconcile') || entry.includes('1'))).toBe(false);
  });

  it.each([
    ['applied', ['outcome 0 applied', 'verify 0', 'outcome 0 verified', 'complete run succeeded']],
    ['not_applied', ['outcome 0 failed', 'complete run failed']],
    ['indeterminate', ['outcome 0 unknown', 'complete run unknown']],
  ] as const)('and promises nothing is read back: %s', async (answer, rest) => {
    for (const error of [maybe, new Error('a bug'), new CodedError('E_INTERNAL', 'inside')]) {
      const { log } = await play(jobOf(1), {
        target: {
          apply: () => Promise.reject(error),
          reconcile: async () => ({ answer, after: { found: true }, guard: 'found' }),
        },
      });
      expect(log.slice(3)).toEqual(['apply 0 observed', 'reconcile 0', ...rest]);
    }
  });

  it('and cannot be read back stays unknown', async () => {
    const { log, outcomes } = await play(jobOf(1), {
      target: { apply: () => Promise.reject(maybe), reconcile: () => Promise.reject(new Error('down')) },
    });
    expect(log.slice(-2)).toEqual(['outcome 0 unknown', 'complete run unknown']);
    expect(outcomes[0]?.failure).toMatchObject({ code: 'E_TARGET_UNREACHABLE', message: 'connection reset' });
  });

  it('is never applied a second time, whatever the action says of itself', async () => {
    for (const idempotency of ['none', 'guard', 'target_key'] as const) {
      const { log } = await play(jobOf(1), {
        action: { idempotency },
        target: {
          apply: () => Promise.reject(maybe),
          reconcile: async () => ({ answer: 'not_applied', after: null, guard: null }),
        },
      });
      expect(log.filter((entry) => entry.startsWith('apply'))).toHaveLength(1);
    }
  });

  it('in its reading back leaves what was applied to be seen', async () => {
    const gone = new ConnectorError('E_VERIFY', 'not there');
    const { log, outcomes } = await play(jobOf(2), { target: { verify: () => Promise.reject(gone) } });
    expect(log.slice(-3)).toEqual(['verify 0', 'outcome 0 failed', 'complete run failed']);
    expect(outcomes.at(-1)).toMatchObject({ after: { now: 0 }, failure: { code: 'E_VERIFY' } });
  });

  it('to be recorded is never told as a success, and the effect is not had again', async () => {
    const { log, effects } = await play(jobOf(1, { lease_ms: 300 }), {
      port: { recordOutcome: () => Promise.reject(new CodedError('E_STORE', 'disk full')) },
    });
    expect(effects).toEqual(['key.0']);
    expect(log.at(-1)).not.toBe('complete run succeeded');
  });
});
