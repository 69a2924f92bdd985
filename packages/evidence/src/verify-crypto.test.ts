import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { browserVerifyCrypto } from './browser.ts';
import { fromHex, toHex } from './bytes/hex.ts';
import { utf8 } from './bytes/utf8.ts';
import { testInstallation, testSigner } from './fixture/test-signer.ts';
import { createSigner, generateSigningKey, nodeSha256, nodeVerifyCrypto, publicKeyOf, trustedKeyOf } from './node.ts';

// RFC 8032 section 7.1, tests 2 and 3.
const known = [
  {
    publicKey: fromHex('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c'),
    message: fromHex('72'),
    signature: fromHex(
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da' +
        '085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
    ),
  },
  {
    publicKey: fromHex('fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025'),
    message: fromHex('af82'),
    signature: fromHex(
      '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac' +
        '18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
    ),
  },
];

describe.each([
  ['node', nodeVerifyCrypto],
  ['browser', browserVerifyCrypto],
])('the cryptography of %s', (_, crypto) => {
  it('hashes as FIPS 180-4 does', async () => {
    const hash = await crypto.sha256(utf8('abc'));
    expect(hash).toBeInstanceOf(Uint8Array);
    expect(toHex(hash)).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });

  it('verifies what RFC 8032 signs, and nothing near it', async () => {
    for (const { publicKey, message, signature } of known) {
      expect(await crypto.verifyEd25519(publicKey, message, signature)).toBe(true);
      expect(await crypto.verifyEd25519(publicKey, utf8('other'), signature)).toBe(false);
      const changed = signature.slice();
      changed[63] = 1;
      expect(await crypto.verifyEd25519(publicKey, message, changed)).toBe(false);
    }
  });

  it('answers false, and never throws, for keys and signatures of no form', async () => {
    const [
      { publicKey, message, signature } = { publicKey: nodeSha256(utf8('')), message: utf8(''), signature: utf8('') },
    ] = known;
    const keys = [
      new Uint8Array(),
      publicKey.slice(1),
      new Uint8Array([...publicKey, 0]),
      new Uint8Array(32).fill(0xff),
    ];
    for (const key of keys) expect(await crypto.verifyEd25519(key, message, signature)).toBe(false);
    const signatures = [new Uint8Array(), signature.slice(1), new Uint8Array([...signature, 0]), new Uint8Array(64)];
    for (const other of signatures) expect(await crypto.verifyEd25519(publicKey, message, other)).toBe(false);
    expect(await crypto.verifyEd25519(new Uint8Array(), message, new Uint8Array())).toBe(false);
  });
});

describe('a signer', () => {
  const name = `countersign/${testInstallation}`;

  it('is made of a fresh key, and verifies with its public half', async () => {
    const [one, other] = [generateSigningKey(), generateSigningKey()];
    expect(one).toMatch(/^-----BEGIN PRIVATE KEY-----\n[A-Za-z0-9+/=]{64}\n-----END PRIVATE KEY-----\n$/);
    expect(one).not.toBe(other);
    const signer = createSigner(one, name);
    expect(signer.name).toBe(name);
    expect(signer.publicKey).toHaveLength(32);
    expect(signer.keyid).toBe(`sha256:${toHex(nodeSha256(signer.publicKey))}`);
    const signature = signer.sign(utf8('message'));
    expect(signature.constructor).toBe(Uint8Array);
    expect(await nodeVerifyCrypto.verifyEd25519(signer.publicKey, utf8('message'), signature)).toBe(true);
  });

  it('is refused for another kind of key and for names that cannot stand in a signature line', () => {
    const { privateKey } = generateKeyPairSync('x25519');
    const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
    expect(() => createSigner(pem, name)).toThrow(new TypeError('a signing key must be Ed25519'));
    const key = generateSigningKey();
    for (const wrong of ['', 'a b', 'a+b', 'a\n', '\uD800']) {
      expect(() => createSigner(key, wrong)).toThrow(
        new TypeError('a key name must be non-empty, without spaces and "+"'),
      );
    }
  });

  it('has a public key for every purpose, and is trusted from the first leaf on', () => {
    const signer = testSigner();
    const publicKey = {
      keyid: signer.keyid,
      name,
      algorithm: 'ed25519',
      public_key: Buffer.from(signer.publicKey).toString('base64'),
      purposes: ['checkpoint', 'evidence', 'approval'],
    };
    expect(publicKeyOf(signer)).toEqual(publicKey);
    expect(trustedKeyOf(signer)).toEqual({ ...publicKey, from_size: 0, until_size: null });
  });
});
