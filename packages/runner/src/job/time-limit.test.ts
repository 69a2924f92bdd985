import { setTimeout as sleep } from 'node:timers/promises';
import type { ConnectedTarget } from '@countersign/connector-kit';
import { ConnectorError } from '@countersign/connector-kit';
import { expect, it } from 'vitest';
import { jobOf } from '../fixture/fake-job.ts';
import { play } from '../fixture/scripted-work.ts';

const never = (): Promise<never> => new Promise(() => undefined);
const short = { timeoutMs: 30 };
const found = (answer: 'applied' | 'not_applied'): Pick<ConnectedTarget, 'reconcile'> => ({
  reconcile: async () => ({ answer, after: { found: 0 }, guard: 'found' }),
});

it('an action that stops at its signal is told from its result: read back, then failed', async () => {
  const { log, outcomes } = await play(jobOf(1), {
    action: short,
    target: {
      ...found('not_applied'),
      apply: async (_step, _before, _guard, { signal }) => {
        await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
        throw new ConnectorError('E_CANCELLED', 'stopped');
      },
    },
  });
  expect(log.slice(-4)).toEqual(['apply 0 observed', 'reconcile 0', 'outcome 0 failed', 'complete run failed']);
  expect(outcomes[0]?.failure).toMatchObject({ code: 'E_TIMEOUT' });
});

it('an action that ignores its signal is left behind, and what is not there yet may still come', async () => {
  const started = performance.now();
  const ignoring = { ...found('not_applied'), apply: never };
  const { log, outcomes } = await play(jobOf(1), { action: short, target: ignoring });
  expect(performance.now() - started).toBeLessThan(5000);
  expect(log.slice(-3)).toEqual(['reconcile 0', 'outcome 0 unknown', 'complete run unknown']);
  expect(outcomes[0]?.failure).toMatchObject({ code: 'E_TIMEOUT', message: 'fake.set ran longer than its 30 ms' });
});

it('an action that ignores its signal but had its effect is verified', async () => {
  const { log } = await play(jobOf(1), { action: short, target: { ...found('applied'), apply: never } });
  expect(log.slice(-4)).toEqual(['outcome 0 applied', 'verify 0', 'outcome 0 verified', 'complete run succeeded']);
});

it('an answer that comes within the grace after the deadline counts', async () => {
  const { log } = await play(jobOf(1), {
    action: short,
    target: {
      apply: async () => {
        await sleep(120);
        return { after: 1, guard: null };
      },
    },
  });
  expect(log.at(-1)).toBe('complete run succeeded');
});

it('work that ended in time leaves no timer behind', async () => {
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  const before = timers();
  const { log } = await play(jobOf(2), {});
  expect(log.at(-1)).toBe('complete run succeeded');
  expect(timers()).toBeLessThanOrEqual(before);
});
