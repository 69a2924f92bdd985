import type { ReconcileAnswer } from '@countersign/protocol';
import { describe, expect, it } from 'vitest';
import { doneStep, jobOf, openIntent } from '../fixture/fake-job.ts';
import { play } from '../fixture/scripted-work.ts';

const answering = (answer: ReconcileAnswer) => ({
  reconcile: async () => ({ answer, after: { found: 0 }, guard: 'found' }),
});
const withIntent = jobOf(2, { done: [doneStep(0, 'intent')], intent: openIntent(0) });
const stepTwo = ['before 1 found', 'intent 1', 'apply 1 found', 'outcome 1 applied', 'verify 1', 'outcome 1 verified'];

describe('an intent without outcome', () => {
  it('whose effect was had is read back, verified and gone on from', async () => {
    const { log, effects } = await play(withIntent, { target: answering('applied') });
    expect(log).toEqual([
      ...['reconcile 0', 'outcome 0 applied', 'verify 0', 'outcome 0 verified'],
      ...stepTwo,
      'complete run succeeded',
    ]);
    expect(effects).toEqual(['key.1']);
  });

  it('whose effect was not had fails where a second attempt could do harm', async () => {
    const { log, effects } = await play(withIntent, {
      action: { idempotency: 'none' },
      target: answering('not_applied'),
    });
    expect(log).toEqual(['reconcile 0', 'outcome 0 failed', 'complete run failed']);
    expect(effects).toEqual([]);
  });

  it.each(['guard', 'target_key'] as const)(
    'whose effect was not had is applied, once, under %s',
    async (idempotency) => {
      const { log, effects } = await play(withIntent, { action: { idempotency }, target: answering('not_applied') });
      expect(log.slice(0, 4)).toEqual(['reconcile 0', 'intent 0', 'apply 0 recorded 0', 'outcome 0 applied']);
      expect(effects).toEqual(['key.0', 'key.1']);
    },
  );

  it('that nobody can clear up stays unknown, and nothing is applied', async () => {
    for (const idempotency of ['none', 'guard', 'target_key'] as const) {
      const { log, effects } = await play(withIntent, { action: { idempotency }, target: answering('indeterminate') });
      expect(log).toEqual(['reconcile 0', 'outcome 0 unknown', 'complete run unknown']);
      expect(effects).toEqual([]);
    }
  });
});

describe('a step that was left', () => {
  it('as applied is only read back', async () => {
    const { log, effects } = await play(jobOf(1, { done: [doneStep(0, 'applied')] }));
    expect(log).toEqual(['verify 0', 'outcome 0 verified', 'complete run succeeded']);
    expect(effects).toEqual([]);
  });

  it('as verified is passed over; the next goes on from its guard, under guards only', async () => {
    const { log, effects } = await play(jobOf(2, { done: [doneStep(0, 'verified')] }));
    expect(log.slice(0, 3)).toEqual(['before 1 left 0', 'intent 1', 'apply 1 left 0']);
    expect(effects).toEqual(['key.1']);
  });

  it('all verified ends at once', async () => {
    const { log } = await play(jobOf(2, { done: [doneStep(0, 'verified'), doneStep(1, 'verified')] }));
    expect(log).toEqual(['complete run succeeded']);
  });

  it('as failed ends the run; nothing more is tried', async () => {
    const { log } = await play(jobOf(2, { done: [doneStep(0, 'failed')] }));
    expect(log).toEqual(['complete run failed']);
  });

  it('as unknown is settled by the target alone and never applied again', async () => {
    for (const [answer, end] of [
      ['applied', 'outcome 0 applied'],
      ['not_applied', 'outcome 0 failed'],
      ['indeterminate', 'outcome 0 unknown'],
    ] as const) {
      const job = jobOf(1, { done: [doneStep(0, 'unknown')], intent: openIntent(0) });
      const { log, effects } = await play(job, { target: answering(answer) });
      expect(log.slice(0, 2)).toEqual(['reconcile 0', end]);
      expect(effects).toEqual([]);
    }
  });
});
