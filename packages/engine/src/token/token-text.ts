import { randomBytes } from 'node:crypto';
import { type Sha256, toHex, utf8 } from '@countersign/evidence';

/** A fresh bearer token: 256 bits, with a prefix by which secret scanners know it. */
export function newTokenText(): string {
  return `csn_${randomBytes(32).toString('base64url')}`;
}

/** What is stored of a token. The text has 256 random bits, so a plain hash is enough. */
export function tokenHash(text: string, sha256: Sha256): string {
  return toHex(sha256(utf8(text)));
}
