import type { Verdict, VerifyFinding } from '@countersign/protocol';
import { describe, expect, it } from 'vitest';
import type { BundleInput } from '../bundle/bundle-input.ts';
import { verdictDigest } from '../digest/digest.ts';
import { sampleBundle } from '../fixture/sample-bundle.ts';
import { sampleInput, sampleStatement, sampleVerdict } from '../fixture/sample-input.ts';
import { testTrust } from '../fixture/test-signer.ts';
import { nodeSha256, nodeVerifyCrypto } from '../node.ts';
import { verifyBundle } from './verify-bundle.ts';

const confirm = sampleStatement('confirm');
const approve = sampleStatement('approve');
const { run } = sampleInput();

async function problems(input: BundleInput): Promise<VerifyFinding[]> {
  const report = await verifyBundle(await sampleBundle(input), testTrust(), nodeVerifyCrypto);
  return report.findings.filter(({ state }) => state !== 'pass');
}
async function ids(input: BundleInput): Promise<string[]> {
  return (await problems(input)).map(({ id }) => id);
}

describe('obligations', () => {
  it('does not count one person twice, whatever tokens they hold', async () => {
    const verdict: Verdict = { ...sampleVerdict, obligations: [{ kind: 'approve', count: 2 }] };
    const statement = { ...approve, verdict_digest: verdictDigest(verdict, nodeSha256) };
    const again = { ...statement, approver: 'grace-token-2' };
    const other = { ...statement, approver: 'linus', approver_root: 'user:linus' };
    expect(await ids(sampleInput({ verdict }, [statement, again]))).toEqual(['approvals.obligations']);
    expect(await ids(sampleInput({ verdict }, [statement, other]))).toEqual([]);
  });

  it('does not count an approval that does not hold', async () => {
    const expired = { ...approve, expires_at: run.created_at - 1 };
    expect(await ids(sampleInput({}, [confirm, expired]))).toEqual(['approval.time', 'approvals.obligations']);
  });

  it('lets a solo installation approve its own, and says so in the statement', async () => {
    const verdict: Verdict = { ...sampleVerdict, profile: 'solo' };
    const own = { ...approve, approver_root: 'user:ada', verdict_digest: verdictDigest(verdict, nodeSha256) };
    const input = sampleInput({ verdict }, [{ ...confirm, verdict_digest: own.verdict_digest }, own]);
    expect(await ids(input)).toEqual([]);
  });

  it('takes the own approval of a solo installation for the confirmation as well', async () => {
    const verdict: Verdict = { ...sampleVerdict, profile: 'solo' };
    const own = { ...approve, approver_root: 'user:ada', verdict_digest: verdictDigest(verdict, nodeSha256) };
    expect(await ids(sampleInput({ verdict }, [own]))).toEqual([]);
  });

  it('lets nobody but the person behind an AI confirm what it proposed', async () => {
    const byAnother = [{ ...confirm, approver: 'eve', approver_root: 'user:eve' }, approve];
    const requester = { ...run.requester, ai: true };
    const found = await ids(sampleInput({ run: { ...run, requester } }, byAnother));
    expect(found).toEqual(['approval.person', 'approvals.obligations']);
  });

  describe('when the verdict at run start has counted the approvals already', () => {
    const verdict: Verdict = { ...sampleVerdict, decision: 'allow', obligations: [], policies: [] };
    const afterConfirm: Verdict = { ...sampleVerdict, obligations: [{ kind: 'approve', count: 1 }] };
    const approveAfter = {
      ...approve,
      issued_at: approve.issued_at + 1,
      verdict_digest: verdictDigest(afterConfirm, nodeSha256),
    };

    it('holds approvals against all verdicts they were signed under', async () => {
      const change = { verdict, signedVerdicts: [sampleVerdict, afterConfirm, sampleVerdict] };
      expect(await ids(sampleInput(change))).toEqual([]);
      expect(await ids(sampleInput(change, [confirm, approveAfter]))).toEqual([]);
      expect(await ids(sampleInput(change, [confirm]))).toEqual(['approvals.obligations']);
      expect(await ids(sampleInput(change, [approve, approveAfter]))).toEqual(['approvals.obligations']);
    });

    it('holds them against the last one only, when policy has changed since', async () => {
      const changed = {
        verdict: { ...verdict, policy_set: 'default-2' },
        signedVerdicts: [sampleVerdict, afterConfirm],
      };
      expect(await ids(sampleInput(changed, [approveAfter]))).toEqual([]);
      expect(await ids(sampleInput(changed, [approve]))).toEqual(['approvals.obligations']);
    });

    it('wants every signed verdict in the bundle', async () => {
      expect(await ids(sampleInput({ verdict }))).toContain('approval.binding');
    });
  });

  it('says unknown of a step-up, which a bundle cannot show', async () => {
    const verdict: Verdict = { ...sampleVerdict, obligations: [{ kind: 'step_up' }] };
    expect((await problems(sampleInput({ verdict }, []))).map(({ id, state }) => [id, state])).toEqual([
      ['approvals.obligations', 'unknown'],
    ]);
  });
});
