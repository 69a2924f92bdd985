import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fromBase64, toBase64 } from '../bytes/base64.ts';
import { utf8 } from '../bytes/utf8.ts';
import { testSigner } from '../fixture/test-signer.ts';
import { nodeVerifyCrypto } from '../node.ts';
import { enrolmentMessage, makeWorkerProof, readWorkerProof } from './worker-proof.ts';

const signer = testSigner();
const holds = async (text: string): Promise<boolean> => {
  const proof = readWorkerProof(text);
  return proof !== null && (await nodeVerifyCrypto.verifyEd25519(signer.publicKey, proof.message, proof.signature));
};

it('says who, for which installation and when, under the key; it fits into a header (DO-1)', async () => {
  const text = makeWorkerProof(signer, 'test-installation', 1_790_000_000_000);
  expect(text.length).toBeLessThan(512);
  expect(readWorkerProof(text)).toMatchObject({
    keyid: signer.keyid,
    installation: 'test-installation',
    at: 1_790_000_000_000,
  });
  expect(await holds(text)).toBe(true);
});

it('no text with one letter changed holds', async () => {
  const text = makeWorkerProof(signer, 'test-installation', 1_790_000_000_000);
  await fc.assert(
    fc.asyncProperty(fc.nat(text.length - 1), fc.constantFrom(...'ABCxyz019-_.~ '), async (at, letter) => {
      fc.pre(text[at] !== letter);
      expect(await holds(text.slice(0, at) + letter + text.slice(at + 1))).toBe(false);
    }),
    { numRuns: 500 },
  );
});

it('what is no proof is read as none, whatever it is', () => {
  fc.assert(
    fc.property(fc.string(), fc.base64String(), (text, encoded) => {
      expect(readWorkerProof(text)).toBeNull();
      expect(readWorkerProof(`csp_${encoded}.${'A'.repeat(86)}`)).toBeNull();
    }),
  );
  const payload = (value: unknown) => toBase64(utf8(JSON.stringify(value))).replaceAll('=', '');
  const good = { keyid: signer.keyid, installation: 'i', at: 1 };
  for (const bad of [null, [], { ...good, at: -1 }, { ...good, more: 1 }, { keyid: signer.keyid }])
    expect(readWorkerProof(`csp_${payload(bad)}.${'A'.repeat(86)}`)).toBeNull();
});

it('a signature to join is over this secret and this key, and is none of a request', async () => {
  const mine = toBase64(signer.publicKey);
  const signature = signer.sign(enrolmentMessage('csw_a', mine));
  const verify = (message: Uint8Array) => nodeVerifyCrypto.verifyEd25519(signer.publicKey, message, signature);
  expect(await verify(enrolmentMessage('csw_a', mine))).toBe(true);
  expect(await verify(enrolmentMessage('csw_b', mine))).toBe(false);
  expect(await verify(enrolmentMessage('csw_a', toBase64(testSigner('another').publicKey)))).toBe(false);
  const proof = readWorkerProof(makeWorkerProof(signer, 'i', 1));
  expect(await verify(proof?.message ?? new Uint8Array())).toBe(false);
  expect(fromBase64(mine)).toEqual(signer.publicKey);
});
