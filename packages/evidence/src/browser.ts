import type { VerifyCrypto } from './crypto/ports.ts';

// The part of WebCrypto that is used (https://w3c.github.io/webcrypto/); the package is compiled without DOM types.
declare const crypto: {
  readonly subtle: {
    digest(algorithm: string, bytes: Uint8Array): Promise<ArrayBuffer>;
    importKey(format: 'raw', key: Uint8Array, algorithm: object, extractable: boolean, use: string[]): Promise<object>;
    verify(algorithm: object, key: object, signature: Uint8Array, message: Uint8Array): Promise<boolean>;
  };
};
const ed25519 = { name: 'Ed25519' };

/** Verification by WebCrypto, for browsers and workers. Needs a secure context and WebCrypto's Ed25519. */
export const browserVerifyCrypto: VerifyCrypto = {
  sha256: async (bytes) => new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)),
  verifyEd25519: async (publicKey, message, signature) => {
    if (publicKey.length !== 32 || signature.length !== 64) return false;
    const key = await crypto.subtle.importKey('raw', publicKey, ed25519, false, ['verify']);
    return crypto.subtle.verify(ed25519, key, signature, message);
  },
};
