import { describe, expect, it } from 'vitest';
import { utf8 } from '../bytes/utf8.ts';
import { handoverNote, rotatedTrust } from '../fixture/rotated-trust.ts';
import { testInstallation, testSigner, testTrust } from '../fixture/test-signer.ts';
import { nodeSha256, nodeVerifyCrypto } from '../node.ts';
import { checkpointOrigin, parseCheckpoint, signCheckpoint } from './checkpoint.ts';
import { noteKeyPreimage } from './signed-note.ts';
import { verifyCheckpoint } from './verify-checkpoint.ts';

// The first key was replaced at 6 leaves, the second at 20.
const [first, second, third] = [testSigner(), testSigner('second key'), testSigner('third key')];
const trust = rotatedTrust([first, second, third], [6, 20]);
const head = (size: number) => ({ origin: checkpointOrigin(testInstallation), size, root: new Uint8Array(32) });

async function verify(size: number, signer = first, ...others: (typeof first)[]) {
  return verifyCheckpoint(signCheckpoint(head(size), signer, nodeSha256, ...others), trust, nodeVerifyCrypto);
}

describe('the signers of a checkpoint', () => {
  it('stand in it in the order they signed, each with the id of its key', () => {
    const read = parseCheckpoint(signCheckpoint(head(6), second, nodeSha256, first));
    expect(read.ok && read.value.signatures).toEqual(
      [second, first].map(({ name, publicKey, sign }) => ({
        name,
        keyId: nodeSha256(noteKeyPreimage(name, publicKey)).slice(0, 4),
        signature: sign(utf8(`${checkpointOrigin(testInstallation)}\n6\n${'A'.repeat(43)}=\n`)),
      })),
    );
  });

  it('are named, and one in force is enough', async () => {
    const both = await verifyCheckpoint(handoverNote(second, third, 20), trust, nodeVerifyCrypto);
    expect(both).toMatchObject({
      ok: true,
      value: { signers: [second.keyid, third.keyid], inForce: true, unknownSignatures: 0 },
    });
    const retired = await verifyCheckpoint(handoverNote(first, second, 6), trust, nodeVerifyCrypto);
    expect(retired).toMatchObject({ ok: true, value: { signers: [first.keyid, second.keyid], inForce: false } });
    expect(await verify(21, third)).toMatchObject({ ok: true, value: { signers: [third.keyid], inForce: true } });
  });

  it('sign nothing before and after their time', async () => {
    const outside = { ok: false, reason: 'a key signed it that was not in force at that size' };
    expect(await verify(7, first)).toEqual(outside);
    expect(await verify(5, second)).toEqual(outside);
    expect(await verify(5, first, second)).toEqual(outside);
    expect(await verify(21, second)).toEqual(outside);
    expect(await verify(19, third)).toEqual(outside);
  });

  it('sign once', async () => {
    expect(await verify(3, first, first)).toEqual({ ok: false, reason: 'one key signed it twice' });
  });

  it('are found beside a trusted key that is none', async () => {
    const [key] = testTrust().keys;
    const keys = key === undefined ? [] : [{ ...key, public_key: 'no base64' }, key];
    const note = signCheckpoint(head(3), first, nodeSha256);
    const verified = await verifyCheckpoint(note, { ...testTrust(), keys }, nodeVerifyCrypto);
    expect(verified).toMatchObject({ ok: true, value: { signers: [first.keyid] } });
  });
});
