import type { ApprovalStatement, BundleApprovals, BundleManifest } from '@countersign/protocol';
import { describe, expect, it } from 'vitest';
import { findingsOf } from '../fixture/findings-of.ts';
import { sampleInput, sampleStatement, sampleVerdict } from '../fixture/sample-input.ts';
import { testSigner, testTrust } from '../fixture/test-signer.ts';
import { nodeVerifyCrypto } from '../node.ts';
import { type ApprovalContext, checkApprovals } from './check-approvals.ts';

const { run, opId, bundleId, installation } = sampleInput();
const confirm = sampleStatement('confirm');
const approve = sampleStatement('approve');
const other = `sha256:${'0'.repeat(64)}`;
const manifest: BundleManifest = {
  schema: 'countersign.bundle.v1',
  bundle_id: bundleId,
  op_id: opId,
  installation,
  plan_digest: approve.plan_digest,
  files: [],
};
const context: ApprovalContext = {
  manifest,
  run,
  verdicts: new Map([[approve.verdict_digest, sampleVerdict]]),
  solo: false,
};
const ids = ['approval.signature', 'approval.binding', 'approval.time', 'approval.person'];
const passes = ids.map((id) => ['pass', id, 'approvals.json', '']);

async function check(statement: ApprovalStatement, change: Partial<ApprovalContext> = {}, signer = testSigner()) {
  const { approvals } = sampleInput({}, [statement], signer);
  const holding: ApprovalStatement[] = [];
  const found = await findingsOf(async (findings) => {
    const file: BundleApprovals = { schema: 'countersign.approvals.v1', approvals: [...approvals] };
    holding.push(...(await checkApprovals(file, { ...context, ...change }, testTrust(), nodeVerifyCrypto, findings)));
  });
  const problems = found.filter(([state]) => state !== 'pass').map(([, id, , detail]) => [id, detail]);
  return { holds: holding.length === 1, found, problems };
}

describe('an approval that holds', () => {
  it('passes in four respects and is answered', async () => {
    for (const statement of [confirm, approve]) {
      expect(await check(statement)).toEqual({ holds: true, found: passes, problems: [] });
    }
  });

  it('is compared with nothing that could not be read', async () => {
    const foreign = { ...approve, op_id: bundleId, requester_root: 'user:eve', expires_at: 0, verdict_digest: other };
    expect((await check(foreign, { manifest: null, run: null, verdicts: null })).holds).toBe(true);
  });
});

describe('an approval that does not hold', () => {
  it.each<[Partial<ApprovalStatement>, string]>([
    [{ op_id: bundleId }, `It is for operation ${bundleId}.`],
    [{ bundle_id: opId }, `It is for bundle ${opId}.`],
    [{ plan_digest: other }, `It is for plan ${other}.`],
    [{ requester_root: 'user:eve' }, 'It is for a request of user:eve.'],
    [{ verdict_digest: other }, `It is for a verdict that is not here, ${other}.`],
  ])('is for something else: %j', async (change, detail) => {
    const { holds, problems } = await check({ ...approve, ...change });
    expect({ holds, problems }).toEqual({ holds: false, problems: [['approval.binding', detail]] });
  });

  it('is signed by nobody who is trusted, or says something else than was signed', async () => {
    const strange = await check(approve, {}, testSigner('stranger'));
    const untrusted = 'a signature names a key that is not trusted';
    expect([strange.holds, strange.problems]).toEqual([false, [['approval.signature', untrusted]]]);
    const [signed] = sampleInput({}, [approve]).approvals;
    const approvals = [{ statement: { ...approve, comment: 'another' }, envelope: signed!.envelope }];
    const found = await findingsOf(async (findings) => {
      const file: BundleApprovals = { schema: 'countersign.approvals.v1', approvals };
      expect(await checkApprovals(file, context, testTrust(), nodeVerifyCrypto, findings)).toEqual([]);
    });
    expect(found).toEqual([
      ['fail', 'approval.signature', 'approvals.json', 'The signed statement is another one.'],
      ...passes.slice(1),
    ]);
  });

  it('was not in force when the run was created; the first and the last moment are', async () => {
    const at = run.created_at;
    const late = [['approval.time', 'It was given after the run was created.']];
    const expired = [['approval.time', 'It had expired when the run was created.']];
    for (const [issued_at, expires_at, problems] of [
      [at, at, []],
      [at + 1, at + 1, late],
      [at - 1, at - 1, expired],
    ] as const) {
      const answer = await check({ ...approve, issued_at, expires_at });
      expect([answer.holds, answer.problems]).toEqual([problems.length === 0, problems]);
    }
  });

  it('is a rejection', async () => {
    const { holds, problems } = await check({ ...approve, kind: 'reject' });
    expect({ holds, problems }).toEqual({
      holds: false,
      problems: [['approval.person', 'grace rejected the operation.']],
    });
  });

  it('is wrong in two respects: they do not make up for each other', async () => {
    const expired = { ...approve, expires_at: run.created_at - 1 };
    const late = ['approval.time', 'It had expired when the run was created.'];
    const rejected = await check({ ...expired, kind: 'reject' });
    expect(rejected).toMatchObject({
      holds: false,
      problems: [late, ['approval.person', 'grace rejected the operation.']],
    });
    const foreign = await check({ ...expired, plan_digest: other });
    expect(foreign).toMatchObject({
      holds: false,
      problems: [['approval.binding', `It is for plan ${other}.`], late],
    });
  });

  it('confirms what another requested', async () => {
    const { holds, problems } = await check({ ...confirm, approver: 'eve', approver_root: 'user:eve' });
    const detail = 'eve confirmed what somebody else requested.';
    expect({ holds, problems }).toEqual({ holds: false, problems: [['approval.person', detail]] });
  });

  it('approves the own request, unless the installation is solo', async () => {
    const own = { ...approve, approver_root: 'user:ada' };
    const { holds, problems } = await check(own);
    const detail = 'grace approved their own request.';
    expect({ holds, problems }).toEqual({ holds: false, problems: [['approval.person', detail]] });
    expect((await check(own, { solo: true })).holds).toBe(true);
  });
});
