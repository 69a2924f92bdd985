import { type GroupApprovalStatement, memberStatement } from '@countersign/protocol';
import { expect, it } from 'vitest';
import { canonicalBytes } from '../canonical/canonical.ts';
import { signEnvelope } from '../dsse/envelope.ts';
import { sampleBundle } from '../fixture/sample-bundle.ts';
import { sampleInput, sampleStatement } from '../fixture/sample-input.ts';
import { testSigner, testTrust } from '../fixture/test-signer.ts';
import { nodeVerifyCrypto } from '../node.ts';
import { verifyBundle } from '../verify/verify-bundle.ts';
import { approvalPayloadType, verifyApproval } from './sign-approval.ts';
import { groupApprovalPayloadType, signGroupApproval } from './sign-group-approval.ts';

const trust = testTrust();
const {
  schema: _,
  op_id,
  bundle_id,
  plan_digest,
  verdict_digest,
  requester_root,
  ...person
} = sampleStatement('approve');
const own = { op_id, bundle_id, plan_digest, verdict_digest, requester_root };
const other = { ...own, op_id: '01936d3e-7a10-7c22-9f3a-5d2f6f1c0009', plan_digest: `sha256:${'0'.repeat(64)}` };

function listOf(operations: GroupApprovalStatement['operations']): GroupApprovalStatement {
  return {
    ...person,
    schema: 'countersign.group-approval.v1',
    kind: 'approve',
    group_id: '01936d3e-7a10-7c22-9f3a-5d2f6f1c0010',
    operations,
  };
}

it('says of each operation what a statement for it alone would say, under a type of its own', async () => {
  const list = listOf([own, other]);
  const envelope = signGroupApproval(list, testSigner());
  expect(envelope).toEqual(signEnvelope(groupApprovalPayloadType, canonicalBytes(list), testSigner()));
  expect(await verifyApproval(envelope, op_id, trust, nodeVerifyCrypto)).toEqual({
    ok: true,
    value: sampleStatement('approve'),
  });
  const of = await verifyApproval(envelope, other.op_id, trust, nodeVerifyCrypto);
  expect(of).toMatchObject({ ok: true, value: { op_id: other.op_id, plan_digest: other.plan_digest } });
});

it.each([
  ['does not name the operation', [other]],
  ['names it twice', [own, { ...own, plan_digest: other.plan_digest }]],
])('that %s says nothing of it', async (_what, operations) => {
  const envelope = signGroupApproval(listOf(operations), testSigner());
  expect(memberStatement(listOf(operations), op_id)).toBeNull();
  expect(await verifyApproval(envelope, op_id, trust, nodeVerifyCrypto)).toMatchObject({
    ok: false,
    reason: `the signed list does not name operation ${op_id} once`,
  });
});

it('passes for no statement of the other kind, and needs a key that may sign approvals', async () => {
  const list = listOf([own]);
  const disguised = signEnvelope(approvalPayloadType, canonicalBytes(list), testSigner());
  expect(await verifyApproval(disguised, op_id, trust, nodeVerifyCrypto)).toMatchObject({ ok: false });
  const single = signEnvelope(groupApprovalPayloadType, canonicalBytes(sampleStatement('approve')), testSigner());
  expect(await verifyApproval(single, op_id, trust, nodeVerifyCrypto)).toMatchObject({ ok: false });
  const keys = trust.keys.map((key) => ({ ...key, purposes: ['checkpoint' as const, 'evidence' as const] }));
  const envelope = signGroupApproval(list, testSigner());
  expect(await verifyApproval(envelope, op_id, { ...trust, keys }, nodeVerifyCrypto)).toMatchObject({ ok: false });
});

async function bundleWith(operations: GroupApprovalStatement['operations']) {
  const envelope = signGroupApproval(listOf(operations), testSigner());
  const approvals = [...sampleInput({}, [sampleStatement('confirm')]).approvals];
  const input = sampleInput({ approvals: [...approvals, { statement: sampleStatement('approve'), envelope }] });
  const report = await verifyBundle(await sampleBundle(input), trust, nodeVerifyCrypto);
  const failing = report.findings.filter(({ state }) => state !== 'pass').map(({ id }) => id);
  return { state: report.state, failing };
}

it('a bundle that carries it verifies offline; one whose plan the list does not name does not (CP-14)', async () => {
  expect(await bundleWith([own, other])).toEqual({ state: 'pass', failing: [] });
  const changed = await bundleWith([{ ...own, plan_digest: other.plan_digest }, other]);
  expect(changed.state).toBe('fail');
  expect(changed.failing).toContain('approval.signature');
});
