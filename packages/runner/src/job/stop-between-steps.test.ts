import { setTimeout as sleep } from 'node:timers/promises';
import { CodedError } from '@countersign/protocol';
import { describe, expect, it } from 'vitest';
import { jobOf } from '../fixture/fake-job.ts';
import { play } from '../fixture/scripted-work.ts';

const lost = new CodedError('E_LEASE_LOST', 'not yours');
const never = (): Promise<never> => new Promise(() => undefined);

describe('a run of two steps', () => {
  it.each([
    ['panic', 'E_PANIC'],
    ['cancelled', 'E_CANCELLED'],
  ] as const)('stops between them when the server says so: %s', async (why, code) => {
    const { log, effects, completed } = await play(jobOf(2), {
      port: { recordIntent: async (_fence, { index }) => (index === 0 ? { go: true } : { go: false, why }) },
    });
    expect(effects).toEqual(['key.0']);
    expect(log.slice(-3)).toEqual(['outcome 0 verified', 'before 1 after 0', 'complete run cancelled']);
    expect(completed[0]).toMatchObject({ result: 'cancelled', failure: { code } });
  });

  it('lets the step that runs come to its end when it is cancelled, and begins no other', async () => {
    let beats = 0;
    const { log, effects } = await play(jobOf(2, { lease_ms: 600 }), {
      port: {
        heartbeat: async () => {
          beats += 1;
          return { lease_ms: 600, cancel: true, panic: false };
        },
      },
      target: {
        verify: async () => {
          await sleep(500);
          return null;
        },
      },
    });
    expect(beats).toBeGreaterThan(0);
    expect(effects).toEqual(['key.0']);
    expect(log.slice(-2)).toEqual(['outcome 0 verified', 'complete run cancelled']);
  });
});

describe('a lease that is lost', () => {
  it('stops the worker before the effect: it says nothing more and does nothing more', async () => {
    const { log, effects, completed } = await play(jobOf(1, { lease_ms: 60 }), {
      port: {
        heartbeat: () => Promise.reject(lost),
        recordIntent: async () => {
          await sleep(60);
          return { go: true };
        },
      },
    });
    expect([effects, completed]).toEqual([[], []]);
    expect(log).toEqual(['observe', 'before 0 observed']);
  });

  it('is noticed by a process that was frozen before its timers run', async () => {
    const { effects, completed } = await play(jobOf(1, { lease_ms: 100 }), {
      beforeEffect: () => {
        const until = performance.now() + 150;
        while (performance.now() < until);
      },
    });
    expect([effects, completed]).toEqual([[], []]);
  });

  it('is noticed in time when the server neither answers nor refuses a heartbeat', async () => {
    const started = performance.now();
    let abortedAfterMs = Number.POSITIVE_INFINITY;
    const { completed } = await play(jobOf(1, { lease_ms: 1000 }), {
      port: { heartbeat: never },
      target: {
        apply: async (_step, _before, _guard, { signal }) => {
          await new Promise((resolve) => {
            signal.addEventListener('abort', resolve, { once: true });
            setTimeout(resolve, 5000);
          });
          abortedAfterMs = performance.now() - started;
          throw new Error('stopped');
        },
      },
    });
    expect(abortedAfterMs).toBeLessThan(1000);
    expect(completed).toEqual([]);
  });

  it('is not taken for lost when one heartbeat fails and the next is answered', async () => {
    let beats = 0;
    const { log } = await play(jobOf(1, { lease_ms: 1000 }), {
      port: {
        heartbeat: async () => {
          beats += 1;
          if (beats === 1) throw new Error('connection reset');
          return { lease_ms: 1000, cancel: false, panic: false };
        },
      },
      target: {
        verify: async () => {
          await sleep(1700);
          return null;
        },
      },
    });
    expect(beats).toBeGreaterThan(2);
    expect(log.at(-1)).toBe('complete run succeeded');
  });
});
