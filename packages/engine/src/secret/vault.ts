import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { Secret } from '@countersign/protocol';

/** Seals secrets at rest under the installation key. */
export interface Vault {
  /** Name (keyed HMAC, the same for equal secrets), nonce and ciphertext. */
  seal(secret: string): { name: string; nonce: Uint8Array; ciphertext: Uint8Array };
  /** Keyed fingerprint of a text: equal texts share it, and nobody without the key can guess at the text. */
  fingerprint(text: string): string;
  /** The token of a session against forged requests: nobody without the key can make one. */
  csrfToken(session: string): string;
  /** Throws when the value was changed or belongs to another installation. */
  open(value: { name: string; nonce: Uint8Array; ciphertext: Uint8Array }): Secret;
}

/** AES-256-GCM with the name as additional data; cipher and HMAC keys are derived from one 32-byte installation key. */
export function createVault(installationKey: Uint8Array): Vault {
  const cipherKey = Buffer.from(hkdfSync('sha256', installationKey, '', 'countersign seal', 32));
  const nameKey = Buffer.from(hkdfSync('sha256', installationKey, '', 'countersign name', 32));
  const bodyKey = Buffer.from(hkdfSync('sha256', installationKey, '', 'countersign body', 32));
  const csrfKey = Buffer.from(hkdfSync('sha256', installationKey, '', 'countersign csrf', 32));
  return {
    seal(secret) {
      const name = `hmac:${createHmac('sha256', nameKey).update(secret, 'utf8').digest('hex')}`;
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', cipherKey, nonce).setAAD(Buffer.from(name));
      const ciphertext = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return { name, nonce, ciphertext };
    },
    fingerprint: (text) => `hmac:${createHmac('sha256', bodyKey).update(text, 'utf8').digest('hex')}`,
    csrfToken: (session) => createHmac('sha256', csrfKey).update(session, 'utf8').digest('base64url'),
    open({ name, nonce, ciphertext }) {
      const tagAt = ciphertext.length - 16;
      const decipher = createDecipheriv('aes-256-gcm', cipherKey, nonce, { authTagLength: 16 }).setAAD(
        Buffer.from(name),
      );
      decipher.setAuthTag(ciphertext.subarray(tagAt));
      return new Secret(
        Buffer.concat([decipher.update(ciphertext.subarray(0, tagAt)), decipher.final()]).toString('utf8'),
      );
    },
  };
}
