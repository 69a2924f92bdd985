import { type ConnectedTarget, ConnectorError } from '@countersign/connector-kit';
import { CodedError, type ErrorCode, type WorkerPort } from '@countersign/protocol';
import { describe, expect, it } from 'vitest';
import { jobOf, openIntent } from '../fixture/fake-job.ts';
import { play } from '../fixture/scripted-work.ts';

type Write = 'appendOutput' | 'recordIntent' | 'recordOutcome' | 'complete';

/** A port whose calls fail as told, each `times` times, before they are heard; `heard` ones fail after that. */
function failing(code: ErrorCode, times: number): { port: Partial<WorkerPort>; calls: Record<Write, number> } {
  const calls = { appendOutput: 0, recordIntent: 0, recordOutcome: 0, complete: 0 };
  const trip = (what: Write): void => {
    calls[what] += 1;
    if (calls[what] <= times) throw new CodedError(code, 'not now');
  };
  const port: Partial<WorkerPort> = {
    appendOutput: async () => trip('appendOutput'),
    recordIntent: async () => {
      trip('recordIntent');
      return { go: true };
    },
    recordOutcome: async () => trip('recordOutcome'),
    complete: async () => trip('complete'),
  };
  return { port, calls };
}

describe('a write that fails in passing', () => {
  it.each(['E_STORE', 'E_TARGET_UNREACHABLE', 'E_TIMEOUT'] as const)('is said again: %s', async (code) => {
    const { port, calls } = failing(code, 2);
    const { effects, errors, log } = await play(jobOf(1), {
      port,
      target: {
        before: async (_step, _guard, { output }) => {
          await output('stdout', 'line\n');
          return null;
        },
      },
    });
    expect({ effects, errors }).toEqual({ effects: ['key.0'], errors: [] });
    expect(calls).toEqual({ appendOutput: 3, recordIntent: 3, recordOutcome: 4, complete: 3 });
    expect(log.some((entry) => entry.startsWith('reconcile'))).toBe(false);
  });

  it('is never told as a failed step: verified is said until it is heard', async () => {
    let failures = 0;
    const said: string[] = [];
    const { completed } = await play(jobOf(1), {
      port: {
        recordOutcome: async (_fence, { outcome }) => {
          said.push(outcome);
          if (outcome !== 'verified' || failures > 0) return;
          failures += 1;
          throw new CodedError('E_STORE', 'not now');
        },
      },
    });
    expect(said).toEqual(['applied', 'verified', 'verified']);
    expect(completed[0]).toMatchObject({ result: 'succeeded' });
  });

  it('is not said again when it was refused, nor once the lease is lost', async () => {
    const refused = failing('E_VALIDATION', 99);
    await play(jobOf(1), refused);
    expect(refused.calls).toMatchObject({ recordIntent: 1, complete: 1 });
    const late = failing('E_STORE', 99);
    const gone = new CodedError('E_LEASE_LOST', 'no longer yours');
    const { effects } = await play(jobOf(1, { lease_ms: 600 }), {
      port: { ...late.port, heartbeat: () => Promise.reject(gone) },
    });
    expect([effects, late.calls.complete]).toEqual([[], 0]);
  });

  it.each(['plan', 'read', 'run', 'reconcile'] as const)(
    'does not turn the end of a %s into an error',
    async (kind) => {
      const said: string[] = [];
      const job = jobOf(1, { kind, intent: kind === 'reconcile' ? openIntent(0) : null });
      const target: Partial<ConnectedTarget> = {
        reconcile: async () => ({ answer: 'applied', after: null, guard: null }),
      };
      const { errors } = await play(job, {
        target,
        port: {
          complete: async (_fence, request) => {
            said.push(JSON.stringify(request));
            // The first answer is lost, and a job that is completed has no lease.
            throw new CodedError(said.length === 1 ? 'E_STORE' : 'E_LEASE_LOST', 'no');
          },
        },
      });
      expect(errors).toEqual([]);
      expect(said).toHaveLength(2);
      expect(said[1]).toBe(said[0]);
      expect(said[0]).not.toMatch(/"failure"|"error"|indeterminate/);
      const refused = await play(job, {
        port: { complete: () => Promise.reject(new CodedError('E_VALIDATION', 'no')) },
      });
      expect(refused.errors).toHaveLength(1);
    },
  );
});

it.each([
  [new ConnectorError('E_VERIFY', 'not there'), 'failed'],
  [new ConnectorError('E_TARGET_UNREACHABLE', 'no answer', { effect: 'none' }), 'unknown'],
  [new ConnectorError('E_TIMEOUT', 'too late'), 'unknown'],
  [new Error('a bug'), 'unknown'],
] as const)('what reading back says decides: %s', async (error, outcome) => {
  const { log, outcomes } = await play(jobOf(1), { target: { verify: () => Promise.reject(error) } });
  expect(log.slice(-3)).toEqual(['verify 0', `outcome 0 ${outcome}`, `complete run ${outcome}`]);
  expect(outcomes.at(-1)).toMatchObject({ after: { now: 0 } });
});
