import { createPrivateKey, createPublicKey, generateKeyPairSync, hash, sign, verify } from 'node:crypto';
import type { PublicKey, TrustedKey } from '@countersign/protocol';
import { toBase64 } from './bytes/base64.ts';
import { isNoteName } from './checkpoint/signed-note.ts';
import type { Sha256, Signer, VerifyCrypto } from './crypto/ports.ts';
import { trustedKey } from './trust/trust-root.ts';

// SubjectPublicKeyInfo of Ed25519 (RFC 8410) is this prefix and the 32 raw bytes.
const spkiPrefix = Buffer.from('302a300506032b6570032100', 'hex');

/** SHA-256 by node:crypto. */
export const nodeSha256: Sha256 = (bytes) => new Uint8Array(hash('sha256', bytes, 'buffer'));

/** Verification by node:crypto. */
export const nodeVerifyCrypto: VerifyCrypto = {
  sha256: async (bytes) => nodeSha256(bytes),
  verifyEd25519: async (publicKey, message, signature) => {
    if (publicKey.length !== 32 || signature.length !== 64) return false;
    const key = createPublicKey({ key: Buffer.concat([spkiPrefix, publicKey]), format: 'der', type: 'spki' });
    return verify(null, message, key, signature);
  },
};

/**
 * A signer over an Ed25519 private key in PKCS #8 PEM.
 *
 * @param name key name for checkpoints; no spaces and no `+` (C2SP signed-note).
 * @throws TypeError when the key is not Ed25519 or the name cannot stand in a signature line.
 */
export function createSigner(privateKeyPem: string, name: string): Signer {
  const key = createPrivateKey(privateKeyPem);
  if (key.asymmetricKeyType !== 'ed25519') throw new TypeError('a signing key must be Ed25519');
  if (!isNoteName(name)) throw new TypeError('a key name must be non-empty, without spaces and "+"');
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  const publicKey = new Uint8Array(spki.subarray(spkiPrefix.length));
  const keyid = `sha256:${hash('sha256', publicKey, 'hex')}`;
  return { keyid, name, publicKey, sign: (bytes) => new Uint8Array(sign(null, bytes, key)) };
}

/** A fresh Ed25519 private key in PKCS #8 PEM, from the operating system's randomness. */
export function generateSigningKey(): string {
  return generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
}

/** The public half of a signer, good for every purpose. */
export function publicKeyOf(signer: Signer): PublicKey {
  return {
    keyid: signer.keyid,
    name: signer.name,
    algorithm: 'ed25519',
    public_key: toBase64(signer.publicKey),
    purposes: ['checkpoint', 'evidence', 'approval'],
  };
}

/** A signer as the first and only key of a trust root. */
export function trustedKeyOf(signer: Signer): TrustedKey {
  return trustedKey(publicKeyOf(signer), 0, null);
}
