import { expect, it } from 'vitest';
import { utf8 } from '../bytes/utf8.ts';
import { canonicalBytes } from '../canonical/canonical.ts';
import { signEnvelope } from '../dsse/envelope.ts';
import { sampleWord } from '../fixture/sample-input.ts';
import { testSigner, testTrust } from '../fixture/test-signer.ts';
import { nodeVerifyCrypto } from '../node.ts';
import { signBreakGlass, verifyBreakGlass } from './sign-break-glass.ts';

const type = 'application/vnd.countersign.break-glass+json';
const word = sampleWord();
const trust = testTrust();

it('is the canonical word in an envelope of its own type', async () => {
  const envelope = signBreakGlass(word, testSigner());
  expect(envelope).toEqual(signEnvelope(type, canonicalBytes(word), testSigner()));
  expect(await verifyBreakGlass(envelope, trust, nodeVerifyCrypto)).toEqual({ ok: true, value: word });
});

it('by a key that may not sign approvals is refused', async () => {
  const keys = trust.keys.map((key) => ({ ...key, purposes: ['checkpoint' as const, 'evidence' as const] }));
  expect(await verifyBreakGlass(signBreakGlass(word, testSigner()), { ...trust, keys }, nodeVerifyCrypto)).toEqual({
    ok: false,
    reason: 'a signature names a key that is not trusted',
  });
});

it.each([
  ['not JSON', utf8('now')],
  ['not canonical JSON', utf8(JSON.stringify(word, null, 1))],
])('that was signed though it is %s is refused', async (reason, payload) => {
  expect(await verifyBreakGlass(signEnvelope(type, payload, testSigner()), trust, nodeVerifyCrypto)).toEqual({
    ok: false,
    reason: `the signed word is ${reason}`,
  });
});
