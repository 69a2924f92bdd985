import type { BundleManifest, BundleRun, PlanBody } from '@countersign/protocol';
import { RunState, StepState } from '@countersign/protocol';
import { describe, expect, it } from 'vitest';
import { findingsOf } from '../fixture/findings-of.ts';
import { sampleInput, samplePlan } from '../fixture/sample-input.ts';
import { checkRun } from './check-run.ts';

const { run, opId, bundleId, installation } = sampleInput();
const [step] = run.steps;
const failure = { code: 'E_X', message: 'x' };
const manifest: BundleManifest = {
  schema: 'countersign.bundle.v1',
  bundle_id: bundleId,
  op_id: opId,
  installation,
  plan_digest: `sha256:${'0'.repeat(64)}`,
  files: [],
};

function found(
  change: Partial<BundleRun>,
  plan: PlanBody | null = samplePlan,
  named: BundleManifest | null = manifest,
) {
  return findingsOf((findings) => checkRun({ ...run, ...change }, plan, named, findings));
}
async function problems(id: string, change: Partial<BundleRun>, plan?: PlanBody): Promise<string[]> {
  const failed = (await found(change, plan)).filter(([state]) => state === 'fail');
  return failed.filter((each) => each[1] === id).map(([, , , detail]) => detail);
}

describe('a run', () => {
  it('passes in four respects, three without a plan', async () => {
    const pass = (id: string) => ['pass', id, 'run.json', ''];
    const [form, ended, steps, outcome] = ['run.form', 'run.ended', 'run.steps', 'run.outcome'].map(pass);
    expect(await found({})).toEqual([form, ended, steps, outcome]);
    expect(await found({}, null, null)).toEqual([form, ended, outcome]);
  });

  it("of another operation than the manifest's fails", async () => {
    expect(await problems('run.form', { op_id: bundleId })).toEqual([`It is of operation ${bundleId}.`]);
    expect((await found({ op_id: bundleId }, null, null)).filter(([state]) => state !== 'pass')).toEqual([]);
  });

  it('has ended in three states only', async () => {
    for (const state of RunState.options) {
      const over = ['succeeded', 'failed', 'cancelled'].includes(state);
      expect(await problems('run.ended', { state })).toEqual(over ? [] : [`Its state is ${state}.`]);
    }
    expect(await problems('run.ended', { ended_at: null })).toEqual(['It has no end.']);
  });

  it.each([
    [1, 1, 1, true],
    [0, 0, 0, true],
    [1, null, 1, true],
    [2, 1, 3, false],
    [1, 3, 2, false],
    [2, null, 1, false],
  ])('created, started and ended at %s, %s and %s: %s', async (created_at, started_at, ended_at, forwards) => {
    const expected = forwards ? [] : ['Its times run backwards.'];
    expect(await problems('run.ended', { created_at, started_at, ended_at })).toEqual(expected);
  });
});

describe('the steps of a run', () => {
  it('are as many as were planned', async () => {
    expect(await problems('run.steps', { steps: [] })).toEqual(['0 steps are recorded, 1 were planned.']);
    expect(await problems('run.steps', { steps: [step!, step!] })).toEqual(['2 steps are recorded, 1 were planned.']);
  });

  it.each([{ index: 1 }, { action: 'repo.delete' }, { replay: 'none' }] as const)(
    'have index, action and replay of the plan: not %j',
    async (change) => {
      expect(await problems('run.steps', { steps: [{ ...step!, ...change }] })).toEqual([
        'Step 0 is not the planned repo.write_files.',
      ]);
    },
  );

  it('are each compared with their own', async () => {
    const plan = { ...samplePlan, steps: [...samplePlan.steps, { ...samplePlan.steps[0]!, index: 1 }] };
    expect(await problems('run.steps', { steps: [step!, { ...step!, index: 1 }] }, plan)).toEqual([]);
    expect(await problems('run.steps', { steps: [step!, step!] }, plan)).toEqual([
      'Step 1 is not the planned repo.write_files.',
    ]);
  });
});

describe('the outcome of a run', () => {
  it('succeeded only where every step was verified, and is never in doubt', async () => {
    for (const state of StepState.options) {
      const steps = [{ ...step!, state }];
      const unclear = ['intent', 'unknown'].includes(state) ? ['It is not known what step 0 did.'] : [];
      const unverified = state === 'verified' ? [] : [`The run succeeded, but step 0 is ${state}.`];
      expect(await problems('run.outcome', { steps })).toEqual([...unverified, ...unclear]);
      expect(await problems('run.outcome', { state: 'failed', failure, steps })).toEqual(unclear);
      expect(await problems('run.outcome', { state: 'cancelled', steps })).toEqual(unclear);
    }
  });

  it('has a failure where it failed, and none where it succeeded', async () => {
    expect(await problems('run.outcome', { failure })).toEqual(['The run succeeded, but carries a failure.']);
    expect(await problems('run.outcome', { state: 'failed' })).toEqual(['The run failed, but says not why.']);
    expect(await problems('run.outcome', { state: 'cancelled' })).toEqual([]);
    expect(await problems('run.outcome', { state: 'cancelled', failure })).toEqual([]);
  });
});
