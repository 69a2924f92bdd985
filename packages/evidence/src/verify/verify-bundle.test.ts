import type { BundleRun } from '@countersign/protocol';
import { describe, expect, it } from 'vitest';
import { buildBundle } from '../bundle/build-bundle.ts';
import type { BundleInput } from '../bundle/bundle-input.ts';
import { sealBundle } from '../bundle/seal-bundle.ts';
import { reseal } from '../fixture/reseal.ts';
import { sampleBundle } from '../fixture/sample-bundle.ts';
import { sampleInput, samplePlan, sampleStatement, sampleVerdict } from '../fixture/sample-input.ts';
import { testSigner, testTrust } from '../fixture/test-signer.ts';
import { nodeSha256, nodeVerifyCrypto } from '../node.ts';
import { type FindingId, findingIds } from './finding-ids.ts';
import { verifyBundle } from './verify-bundle.ts';

const confirm = sampleStatement('confirm');
const approve = sampleStatement('approve');
const { run } = sampleInput();
const [step] = run.steps;

async function ids(input: BundleInput): Promise<string[]> {
  const report = await verifyBundle(await sampleBundle(input), testTrust(), nodeVerifyCrypto);
  return report.findings.filter(({ state }) => state !== 'pass').map(({ id }) => id);
}
function withRun(change: Partial<BundleRun>): BundleInput {
  return sampleInput({ run: { ...run, ...change } });
}

describe('verifyBundle', () => {
  it('passes a whole bundle, having looked at everything', async () => {
    const report = await verifyBundle(await sampleBundle(), testTrust(), nodeVerifyCrypto);
    expect(report.findings.filter(({ state }) => state !== 'pass')).toEqual([]);
    expect(report.state).toBe('pass');
    expect(new Set(report.findings.map(({ id }) => id))).toEqual(new Set(Object.keys(findingIds)));
  });

  it('says unknown of a bundle that is sealed but not anchored yet', async () => {
    const { files } = sealBundle(buildBundle(sampleInput(), nodeSha256), testSigner(), nodeSha256);
    const report = await verifyBundle(files, testTrust(), nodeVerifyCrypto);
    expect(report.state).toBe('unknown');
    expect(report.findings.filter(({ state }) => state !== 'pass').map(({ id }) => id)).toEqual(['anchor.present']);
  });

  it.each<[string, FindingId, BundleInput]>([
    [
      'an expired approval',
      'approval.time',
      sampleInput({}, [confirm, { ...approve, expires_at: run.created_at - 1 }]),
    ],
    [
      'an approval after the start',
      'approval.time',
      sampleInput({}, [confirm, { ...approve, issued_at: run.created_at + 1 }]),
    ],
    [
      'an approval of another operation',
      'approval.binding',
      sampleInput({}, [confirm, { ...approve, op_id: approve.bundle_id }]),
    ],
    [
      'an approval of another bundle',
      'approval.binding',
      sampleInput({}, [confirm, { ...approve, bundle_id: approve.op_id }]),
    ],
    [
      'an approval of another plan',
      'approval.binding',
      sampleInput({}, [confirm, { ...approve, plan_digest: approve.verdict_digest }]),
    ],
    [
      'an approval of another verdict',
      'approval.binding',
      sampleInput({}, [confirm, { ...approve, verdict_digest: approve.plan_digest }]),
    ],
    [
      'an approval of another request',
      'approval.binding',
      sampleInput({}, [confirm, { ...approve, requester_root: 'user:eve' }]),
    ],
    [
      'an approval by the requester',
      'approval.person',
      sampleInput({}, [confirm, { ...approve, approver_root: 'user:ada' }]),
    ],
    [
      'a confirmation by another',
      'approval.person',
      sampleInput({}, [{ ...confirm, approver_root: 'user:eve' }, approve]),
    ],
    ['a rejection', 'approval.person', sampleInput({}, [confirm, approve, { ...approve, kind: 'reject' }])],
    ['a missing approval', 'approvals.obligations', sampleInput({}, [confirm])],
    ['a missing confirmation', 'approvals.obligations', sampleInput({}, [approve])],
    ['a foreign signature', 'approval.signature', sampleInput({}, [confirm, approve], testSigner('stranger'))],
    ['a denied run', 'validation.verdict', sampleInput({ verdict: { ...sampleVerdict, decision: 'deny' } })],
    ['a run of another operation', 'run.form', withRun({ op_id: approve.bundle_id })],
    ['a run that goes on', 'run.ended', withRun({ state: 'running' })],
    ['an unknown outcome', 'run.ended', withRun({ state: 'outcome_unknown' })],
    ['a run without end', 'run.ended', withRun({ ended_at: null })],
    ['times that run backwards', 'run.ended', withRun({ ended_at: run.created_at - 1 })],
    [
      'a success with a step that is not verified',
      'run.outcome',
      withRun({ steps: run.steps.map((each) => ({ ...each, state: 'applied' })) }),
    ],
    ['a success with a failure', 'run.outcome', withRun({ failure: { code: 'E_X', message: 'x' } })],
    ['a failure without a reason', 'run.outcome', withRun({ state: 'failed' })],
    ['a step too many', 'run.steps', withRun({ steps: [...run.steps, ...run.steps] })],
    ['a missing step', 'run.steps', withRun({ steps: [] })],
    [
      'a failure that leaves a step in doubt',
      'run.outcome',
      withRun({
        state: 'failed',
        failure: { code: 'E_X', message: 'x' },
        steps: run.steps.map((each) => ({ ...each, state: 'unknown' })),
      }),
    ],
    ['another step', 'run.steps', withRun({ steps: step === undefined ? [] : [{ ...step, action: 'repo.delete' }] })],
  ])('finds %s', async (_, id, input) => {
    expect(await ids(input)).toContain(id);
  });

  it.each<[string, FindingId, Partial<BundleInput['plan']>]>([
    ['a step that shows no change', 'plan.steps', { diffs: [] }],
    ['a diff of no step', 'plan.steps', { diffs: samplePlan.diffs.flatMap((diff) => [diff, { ...diff, step: 1 }]) }],
    ['steps out of order', 'plan.steps', { steps: samplePlan.steps.map((each) => ({ ...each, index: 1 })) }],
    [
      'a failed check',
      'validation.checks',
      { checks: samplePlan.checks.map((check) => ({ ...check, status: 'fail' })) },
    ],
  ])('finds %s', async (_, id, change) => {
    expect(await ids(sampleInput({ plan: { ...samplePlan, ...change } }))).toContain(id);
  });

  describe('with a file that cannot be read', () => {
    const contents = ['manifest.json', 'plan.json', 'validation.json', 'approvals.json', 'run.json'];
    async function without(path: string, input = sampleInput()) {
      const files = await sampleBundle(input);
      files.delete(path);
      const { findings } = await verifyBundle(files, testTrust(), nodeVerifyCrypto);
      return findings.map(({ id, state, file, detail }) => [id, state, file, detail]);
    }

    it.each(contents)('does not know whether the statement is true: %s', async (path) => {
      const about = (await without(path)).filter(([id]) => id === 'statement.predicate');
      const detail = 'A file that it speaks of cannot be read.';
      expect(about).toEqual([['statement.predicate', 'unknown', 'statement.dsse.json', detail]]);
    });

    it('leaves out what is asked of that file, and goes on', async () => {
      const everything = Object.keys(findingIds);
      const skipped = async (path: string) => {
        const ids = (await without(path)).map(([id]) => id);
        return everything.filter((id) => !ids.includes(id));
      };
      expect(await skipped('statement.dsse.json')).toEqual([
        'statement.content',
        'statement.subject',
        'statement.predicate',
      ]);
      expect(await skipped('manifest.json')).toEqual(['statement.subject', 'manifest.listed', 'plan.digest']);
      expect(await skipped('plan.json')).toEqual([
        'plan.digest',
        'plan.text',
        'plan.diffs',
        'plan.steps',
        'validation.checks',
        'run.steps',
      ]);
      expect(await skipped('validation.json')).toEqual([
        'validation.checks',
        'validation.verdict',
        'approvals.obligations',
      ]);
      expect(await skipped('approvals.json')).toEqual([
        'approval.signature',
        'approval.binding',
        'approval.time',
        'approval.person',
        'approvals.obligations',
      ]);
      expect(await skipped('run.json')).toEqual(['run.ended', 'run.steps', 'run.outcome']);
    });

    it('allows nobody their own approval, since no profile says that they may', async () => {
      const own = { ...approve, approver_root: 'user:ada' };
      const input = sampleInput({ verdict: { ...sampleVerdict, profile: 'solo' } }, [own]);
      expect(await without('validation.json', input)).toContainEqual([
        'approval.person',
        'fail',
        'approvals.json',
        'grace approved their own request.',
      ]);
    });
  });

  it('finds a statement that says something else than the files', async () => {
    const forged = reseal(await sampleBundle(), { predicate: { outcome: 'failed' } });
    const report = await verifyBundle(forged, testTrust(), nodeVerifyCrypto);
    expect(report.findings.filter(({ state }) => state === 'fail')).toEqual([
      {
        id: 'statement.predicate',
        state: 'fail',
        summary: findingIds['statement.predicate'],
        detail: 'It says something else than the files.',
        file: 'statement.dsse.json',
      },
    ]);
  });
});
