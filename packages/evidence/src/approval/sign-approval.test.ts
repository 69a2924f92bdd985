import { expect, it } from 'vitest';
import { utf8 } from '../bytes/utf8.ts';
import { canonicalBytes } from '../canonical/canonical.ts';
import { signEnvelope } from '../dsse/envelope.ts';
import { sampleStatement } from '../fixture/sample-input.ts';
import { testSigner, testTrust } from '../fixture/test-signer.ts';
import { nodeVerifyCrypto } from '../node.ts';
import { signApproval, verifyApproval } from './sign-approval.ts';

const type = 'application/vnd.countersign.approval+json';
const statement = sampleStatement('approve');
const trust = testTrust();

it('is the canonical statement in an envelope of its own type', async () => {
  const envelope = signApproval(statement, testSigner());
  expect(envelope).toEqual(signEnvelope(type, canonicalBytes(statement), testSigner()));
  expect(await verifyApproval(envelope, statement.op_id, trust, nodeVerifyCrypto)).toEqual({
    ok: true,
    value: statement,
  });
});

it('by a key that may not sign approvals is refused', async () => {
  const keys = trust.keys.map((key) => ({ ...key, purposes: ['checkpoint' as const, 'evidence' as const] }));
  expect(
    await verifyApproval(signApproval(statement, testSigner()), statement.op_id, { ...trust, keys }, nodeVerifyCrypto),
  ).toEqual({
    ok: false,
    reason: 'a signature names a key that is not trusted',
  });
});

it.each([
  ['not JSON', utf8('yes')],
  ['not canonical JSON', utf8(JSON.stringify(statement, null, 1))],
])('that was signed though it is %s is refused', async (reason, payload) => {
  const envelope = signEnvelope(type, payload, testSigner());
  expect(await verifyApproval(envelope, statement.op_id, trust, nodeVerifyCrypto)).toEqual({
    ok: false,
    reason: `the signed statement is ${reason}`,
  });
});
