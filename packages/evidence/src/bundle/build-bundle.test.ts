import { BundleManifest, PlanBody } from '@countersign/protocol';
import { describe, expect, it } from 'vitest';
import { fromUtf8, utf8 } from '../bytes/utf8.ts';
import { canonicalBytes } from '../canonical/canonical.ts';
import { parseCanonical } from '../canonical/parse-canonical.ts';
import { sampleBundle } from '../fixture/sample-bundle.ts';
import { sampleInput, samplePlan } from '../fixture/sample-input.ts';
import { testSigner } from '../fixture/test-signer.ts';
import { nodeSha256 } from '../node.ts';
import { buildBundle } from './build-bundle.ts';
import { sealBundle } from './seal-bundle.ts';

describe('buildBundle', () => {
  it('gives the same bytes again, whatever the order of approvals and members', async () => {
    const input = sampleInput();
    const shuffled = {
      ...input,
      approvals: [...input.approvals].reverse(),
      plan: PlanBody.parse(JSON.parse(JSON.stringify(samplePlan))),
    };
    expect(await sampleBundle(shuffled)).toEqual(await sampleBundle(input));
    expect([...(await sampleBundle(shuffled)).keys()]).toEqual([...(await sampleBundle(input)).keys()]);
  });

  it('lists every file but itself, and keeps the plan as it was digested', () => {
    const files = buildBundle(sampleInput(), nodeSha256);
    const manifest = parseCanonical(files.get('manifest.json') ?? new Uint8Array(), BundleManifest);
    const listed = manifest.ok ? manifest.value.files.map(({ path }) => path) : [];
    expect([...listed, 'manifest.json']).toEqual([...files.keys()]);
    expect(listed).toEqual([...listed].sort());
    expect(files.get('plan.json')).toEqual(canonicalBytes(samplePlan));
  });

  it('names patch files by number and a slug that cannot leave the folder', () => {
    const diff = { step: 0, summary: '', patch: 'x' };
    const diffs = ['../../etc/passwd', 'Ünïcode/Größe', '', '/', 'a'.repeat(200)].map((path) => ({ ...diff, path }));
    const files = buildBundle(sampleInput({ plan: { ...samplePlan, diffs } }), nodeSha256);
    expect([...files.keys()].filter((path) => path.startsWith('diffs/'))).toEqual([
      'diffs/0001-etc-passwd.patch',
      'diffs/0002-n-code-gr-e.patch',
      'diffs/0003-diff.patch',
      'diffs/0004-diff.patch',
      `diffs/0005-${'a'.repeat(48)}.patch`,
    ]);
  });

  it('refuses a plan that has no canonical form, but not a broken log', () => {
    const broken = { ...samplePlan, rollback: { possible: false as const, reason: '\uD800' } };
    expect(() => buildBundle(sampleInput({ plan: broken }), nodeSha256)).toThrow(TypeError);
    const files = buildBundle(sampleInput({ log: 'a\uD800b' }), nodeSha256);
    expect(fromUtf8(files.get('logs.txt') ?? new Uint8Array())).toBe('a\uFFFDb');
  });
});

describe('sealBundle', () => {
  it('refuses files that were not built here', () => {
    const files = buildBundle(sampleInput(), nodeSha256);
    expect(() => sealBundle(new Map(), testSigner(), nodeSha256)).toThrow('the bundle has no manifest.json');
    expect(() => sealBundle(new Map([...files, ['run.json', utf8('{ }')]]), testSigner(), nodeSha256)).toThrow(
      'run.json is',
    );
  });
});
