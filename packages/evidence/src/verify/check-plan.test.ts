import type { BundleManifest, PlanBody } from '@countersign/protocol';
import { describe, expect, it } from 'vitest';
import { buildBundle } from '../bundle/build-bundle.ts';
import { utf8 } from '../bytes/utf8.ts';
import { planDigest } from '../digest/digest.ts';
import { findingsOf } from '../fixture/findings-of.ts';
import { sampleInput, samplePlan } from '../fixture/sample-input.ts';
import { nodeSha256, nodeVerifyCrypto } from '../node.ts';
import { checkPlan } from './check-plan.ts';

const patch = 'diffs/0001-index-html.patch';
const filesOf = (plan: PlanBody) => buildBundle(sampleInput({ plan }), nodeSha256);
const whole = filesOf(samplePlan);
function manifestNaming(plan_digest: string): BundleManifest {
  const { bundleId: bundle_id, opId: op_id, installation } = sampleInput();
  return { schema: 'countersign.bundle.v1', bundle_id, op_id, installation, plan_digest, files: [] };
}
function found(files: ReadonlyMap<string, Uint8Array>, plan = samplePlan, manifest: BundleManifest | null = null) {
  return findingsOf((findings) => checkPlan(files, plan, manifest, nodeVerifyCrypto, findings));
}
async function wrong(files: ReadonlyMap<string, Uint8Array>, plan = samplePlan) {
  return (await found(files, plan)).filter(([state]) => state !== 'pass');
}
const changed = (path: string, bytes: Uint8Array) => new Map([...whole, [path, bytes]]);
function missing(path: string) {
  const files = new Map(whole);
  files.delete(path);
  return files;
}

describe('a plan', () => {
  it('passes with its digest, its rendering, its patches and its steps', async () => {
    const text = ['pass', 'plan.text', 'plan.md', ''];
    const rest = [text, ['pass', 'plan.diffs', patch, ''], ['pass', 'plan.steps', 'plan.json', '']];
    const manifest = manifestNaming(planDigest(samplePlan, nodeSha256));
    expect(await found(whole, samplePlan, manifest)).toEqual([['pass', 'plan.digest', 'plan.json', ''], ...rest]);
    expect(await found(whole)).toEqual(rest);
  });

  it('with another digest than the manifest names fails', async () => {
    const [is, named] = [planDigest(samplePlan, nodeSha256), `sha256:${'0'.repeat(64)}`];
    expect((await found(whole, samplePlan, manifestNaming(named)))[0]).toEqual([
      'fail',
      'plan.digest',
      'plan.json',
      `It is ${is}, named is ${named}.`,
    ]);
  });

  it('whose rendering is missing or another one fails', async () => {
    const failed = [['fail', 'plan.text', 'plan.md', 'It does not show the plan in plan.json.']];
    expect(await wrong(missing('plan.md'))).toEqual(failed);
    expect(await wrong(changed('plan.md', utf8('# Plan\n')))).toEqual(failed);
  });

  it('whose patch is missing or another one fails', async () => {
    const failed = [['fail', 'plan.diffs', patch, 'Not the patch that the plan holds.']];
    expect(await wrong(missing(patch))).toEqual(failed);
    expect(await wrong(changed(patch, utf8('')))).toEqual(failed);
  });

  it('has no other patches; files elsewhere are none of its concern', async () => {
    expect(await wrong(changed('diffs/0002-x.patch', utf8('')))).toEqual([
      ['fail', 'plan.diffs', 'diffs/0002-x.patch', 'The plan has no such diff.'],
    ]);
    expect(await wrong(changed('old/diffs/', utf8('')))).toEqual([]);
  });
});

describe('the steps of a plan', () => {
  const [step] = samplePlan.steps;
  const [diff] = samplePlan.diffs;
  const of = async (change: Partial<PlanBody>) => {
    const plan = { ...samplePlan, ...change };
    return (await wrong(filesOf(plan), plan)).map(([state, id, file, detail]) => {
      expect([state, id, file]).toEqual(['fail', 'plan.steps', 'plan.json']);
      return detail;
    });
  };

  it('carry their position, and each shows a change', async () => {
    const two = [step!, { ...step!, index: 1 }];
    expect(await of({ steps: two, diffs: [diff!, { ...diff!, step: 1 }] })).toEqual([]);
    expect(await of({ steps: two })).toEqual(['Step 1 shows no change.']);
    expect(await of({ steps: two, diffs: [{ ...diff!, step: 1 }] })).toEqual(['Step 0 shows no change.']);
    expect(await of({ steps: [{ ...step!, index: 7 }] })).toEqual(['Step 0 carries the index 7.']);
  });

  it('are all that a diff can belong to', async () => {
    expect(await of({ diffs: [diff!, { ...diff!, step: 1 }, { ...diff!, step: 2 }] })).toEqual([
      'A diff belongs to step 1, which does not exist.',
      'A diff belongs to step 2, which does not exist.',
    ]);
  });
});
