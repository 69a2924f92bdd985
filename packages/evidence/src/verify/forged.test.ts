import { describe, expect, it } from 'vitest';
import { buildBundle } from '../bundle/build-bundle.ts';
import { utf8 } from '../bytes/utf8.ts';
import { canonicalBytes } from '../canonical/canonical.ts';
import { verdictDigest } from '../digest/digest.ts';
import { type Forgery, reseal } from '../fixture/reseal.ts';
import { sampleBundle } from '../fixture/sample-bundle.ts';
import { sampleInput, samplePlan, sampleVerdict } from '../fixture/sample-input.ts';
import { testTrust } from '../fixture/test-signer.ts';
import { nodeSha256, nodeVerifyCrypto } from '../node.ts';
import type { FindingId } from './finding-ids.ts';
import { verifyBundle } from './verify-bundle.ts';

const whole = await sampleBundle();
const digest = `sha256:${'0'.repeat(64)}`;
const manifestFiles = (files: object[]): Forgery => ({ manifest: { files } });
const listed = [...buildBundle(sampleInput(), nodeSha256)]
  .filter(([path]) => path !== 'manifest.json')
  .map(([path, bytes]) => ({
    path,
    size_bytes: bytes.length,
    sha256: `sha256:${Buffer.from(nodeSha256(bytes)).toString('hex')}`,
  }));
const validation = {
  schema: 'countersign.validation.v1',
  checks: samplePlan.checks,
  preconditions: samplePlan.preconditions,
  verdict: sampleVerdict,
  verdict_digest: digest,
  signed_verdicts: [],
};

const good = { ...validation, verdict_digest: verdictDigest(sampleVerdict, nodeSha256) };
const others = ['a', 'b']
  .map((reason) => ({ ...sampleVerdict, reason }))
  .sort((left, right) => (verdictDigest(left, nodeSha256) < verdictDigest(right, nodeSha256) ? -1 : 1));

async function verify(files: ReadonlyMap<string, Uint8Array>): Promise<[string, string | null][]> {
  const report = await verifyBundle(files, testTrust(), nodeVerifyCrypto);
  const found = report.findings.filter(({ state }) => state === 'fail' || state === 'error');
  return found.map(({ id, file }) => [id, file]);
}

describe('a lie signed by the installation itself', () => {
  it('is not seen where there is none', async () => {
    expect(await verify(reseal(whole, {}))).toEqual([]);
    const file = canonicalBytes({ ...good, signed_verdicts: others });
    expect(await verify(reseal(whole, { files: { 'validation.json': file } }))).toEqual([]);
  });

  it.each<[string, FindingId, string, Forgery]>([
    [
      'another outcome in the statement',
      'statement.predicate',
      'statement.dsse.json',
      { predicate: { outcome: 'failed' } },
    ],
    ['another profile', 'statement.predicate', 'statement.dsse.json', { predicate: { profile: 'solo' } }],
    ['another type of statement', 'statement.content', 'statement.dsse.json', { statement: { predicateType: 'x' } }],
    [
      'another subject',
      'statement.subject',
      'manifest.json',
      { statement: { subject: [{ name: 'run.json', digest: { sha256: digest.slice(7) } }] } },
    ],
    ['the right hash under another name', 'statement.subject', 'manifest.json', { subjectName: 'other.json' }],
    ['another plan digest', 'plan.digest', 'plan.json', { manifest: { plan_digest: digest } }],
    ['another installation', 'manifest.form', 'manifest.json', { manifest: { installation: 'other' } }],
    ['an unsorted manifest', 'manifest.form', 'manifest.json', manifestFiles([...listed].reverse())],
    ['a file listed twice', 'manifest.form', 'manifest.json', manifestFiles(listed.flatMap((file) => [file, file]))],
    [
      'a log that is not listed',
      'manifest.listed',
      'manifest.json',
      manifestFiles(listed.filter(({ path }) => path !== 'logs.txt')),
    ],
    ['a file that does not belong', 'manifest.listed', 'manifest.json', { files: { 'notes.txt': utf8('x') } }],
    ['a readable plan that shows less', 'plan.text', 'plan.md', { files: { 'plan.md': utf8('# Plan\n') } }],
    [
      'a patch that is not the plan',
      'plan.diffs',
      'diffs/0001-index-html.patch',
      { files: { 'diffs/0001-index-html.patch': utf8('') } },
    ],
    ['a patch too many', 'plan.diffs', 'diffs/0002-x.patch', { files: { 'diffs/0002-x.patch': utf8('x') } }],
    [
      'another plan than the approved one',
      'approval.binding',
      'approvals.json',
      { files: { 'plan.json': canonicalBytes({ ...samplePlan, checks: [] }) }, manifest: { plan_digest: digest } },
    ],
    [
      'checks that were not planned',
      'validation.checks',
      'validation.json',
      { files: { 'validation.json': canonicalBytes({ ...validation, checks: [] }) } },
    ],
    [
      'preconditions that were not planned',
      'validation.checks',
      'validation.json',
      { files: { 'validation.json': canonicalBytes({ ...validation, preconditions: [] }) } },
    ],
    [
      'a wrong verdict digest',
      'validation.verdict',
      'validation.json',
      { files: { 'validation.json': canonicalBytes(validation) } },
    ],
    [
      'a verdict twice',
      'validation.verdict',
      'validation.json',
      { files: { 'validation.json': canonicalBytes({ ...good, signed_verdicts: [sampleVerdict] }) } },
    ],
    [
      'verdicts that are not sorted',
      'validation.verdict',
      'validation.json',
      { files: { 'validation.json': canonicalBytes({ ...good, signed_verdicts: [...others].reverse() }) } },
    ],
    [
      'a plan with white space',
      'plan.form',
      'plan.json',
      { files: { 'plan.json': utf8(JSON.stringify(samplePlan, null, 1)) } },
    ],
    [
      'a plan with an unknown member',
      'plan.form',
      'plan.json',
      { files: { 'plan.json': canonicalBytes({ ...samplePlan, note: 1 }) } },
    ],
  ])('is found: %s', async (_, id, file, forgery) => {
    expect(await verify(reseal(whole, forgery))).toContainEqual([id, file]);
  });

  it('is found when approvals are moved between envelopes', async () => {
    const [first, second] = sampleInput().approvals;
    const approvals = [
      { statement: first?.statement, envelope: second?.envelope },
      { statement: second?.statement, envelope: first?.envelope },
    ];
    const file = canonicalBytes({ schema: 'countersign.approvals.v1', approvals });
    expect(await verify(reseal(whole, { files: { 'approvals.json': file } }))).toContainEqual([
      'approval.signature',
      'approvals.json',
    ]);
  });
});
