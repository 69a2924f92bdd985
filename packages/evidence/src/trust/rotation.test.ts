import { expect, it } from 'vitest';
import { utf8 } from '../bytes/utf8.ts';
import { canonicalBytes } from '../canonical/canonical.ts';
import { signEnvelope } from '../dsse/envelope.ts';
import { rotatedTrust } from '../fixture/rotated-trust.ts';
import { testInstallation, testSigner } from '../fixture/test-signer.ts';
import { nodeVerifyCrypto, publicKeyOf, trustedKeyOf } from '../node.ts';
import { signRotation, verifyRotation } from './rotation.ts';

const type = 'application/vnd.countersign.key-rotation+json';
const [first, second] = [testSigner(), testSigner('second key')];
const trust = rotatedTrust([first, second], [6]);
const statement = {
  schema: 'countersign.key-rotation.v1',
  installation: testInstallation,
  from: first.keyid,
  to: publicKeyOf(second),
} as const;

function bothSign(payload: Uint8Array) {
  const [byFirst, bySecond] = [signEnvelope(type, payload, first), signEnvelope(type, payload, second)];
  return { ...byFirst, signatures: [...byFirst.signatures, ...bySecond.signatures] };
}
function verify(envelope: ReturnType<typeof bothSign>) {
  return verifyRotation(envelope, trust, trustedKeyOf(first), trustedKeyOf(second), nodeVerifyCrypto);
}

it('is the canonical statement, signed by the old key and then the new one', async () => {
  const envelope = signRotation(testInstallation, publicKeyOf(second), first, second);
  expect(envelope).toEqual(bothSign(canonicalBytes(statement)));
  expect(await verify(envelope)).toEqual({ ok: true, value: statement });
});

it('from another key than the old one is refused, though both signed it', async () => {
  const reason = 'the statement names other keys';
  expect(await verify(bothSign(canonicalBytes({ ...statement, from: second.keyid })))).toEqual({ ok: false, reason });
});

it('of which both signed something else is refused', async () => {
  expect(await verify(bothSign(utf8('rotate!')))).toEqual({ ok: false, reason: 'not JSON' });
});
