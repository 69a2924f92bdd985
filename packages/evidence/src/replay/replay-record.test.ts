import { runIdOf } from '@countersign/protocol';
import { expect, it } from 'vitest';
import { buildBundle } from '../bundle/build-bundle.ts';
import { utf8 } from '../bytes/utf8.ts';
import { planDigest } from '../digest/digest.ts';
import { sampleInput, samplePlan } from '../fixture/sample-input.ts';
import { nodeSha256 } from '../node.ts';
import { replayRecordOf } from './replay-record.ts';

const { run } = sampleInput();
const uuid = '01936d3e-7a10-7c22-9f3a-5d2f6f1c0009';
const expected = {
  plan: samplePlan,
  plan_digest: planDigest(samplePlan, nodeSha256),
  steps: [
    {
      index: 0,
      state: 'verified',
      idempotency_key: `${uuid}.0`,
      before: { commit: 'c0ffee' },
      after: { commit: 'decade' },
    },
  ],
};
const whole = buildBundle(sampleInput({ run: { ...run, run_id: runIdOf(uuid) } }), nodeSha256);

it('holds plan, digest and steps, each with the idempotency key of its run', () => {
  expect(replayRecordOf(whole)).toEqual(expected);
});

it('keeps a run id that spells no UUID', () => {
  const record = replayRecordOf(buildBundle(sampleInput(), nodeSha256));
  expect(record?.steps.map(({ idempotency_key }) => idempotency_key)).toEqual(['r_01JDPKWYGG.0']);
});

it.each(['manifest.json', 'plan.json', 'run.json'])('is null where %s is missing or not of its form', (path) => {
  const missing = new Map(whole);
  missing.delete(path);
  expect(replayRecordOf(missing)).toBeNull();
  expect(replayRecordOf(new Map([...whole, [path, utf8('{}')]]))).toBeNull();
});

it('needs no other file', () => {
  const paths = ['manifest.json', 'plan.json', 'run.json'];
  expect(replayRecordOf(new Map([...whole].filter(([path]) => paths.includes(path))))).toEqual(expected);
});
