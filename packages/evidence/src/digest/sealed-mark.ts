import type { Json } from '@countersign/protocol';
import { concatBytes } from '../bytes/bytes.ts';
import { toHex } from '../bytes/hex.ts';
import { canonicalBytes } from '../canonical/canonical.ts';
import type { Sha256 } from '../crypto/ports.ts';
import { taggedBytes } from './preimage.ts';

const blockBytes = 64;

/** HMAC-SHA-256 (RFC 2104) over the injected hash: 32 bytes. */
export function hmacSha256(key: Uint8Array, message: Uint8Array, sha256: Sha256): Uint8Array {
  const padded = new Uint8Array(blockBytes);
  padded.set(key.length > blockBytes ? sha256(key) : key);
  const inner = sha256(
    concatBytes(
      padded.map((byte) => byte ^ 0x36),
      message,
    ),
  );
  return sha256(
    concatBytes(
      padded.map((byte) => byte ^ 0x5c),
      inner,
    ),
  );
}

/** What stands in a plan for a value that is kept sealed. */
export interface SealedMark {
  /** `hmac-sha256:` and 64 hex digits. */
  readonly $sealed: string;
}

/**
 * The mark that replaces a secret value in inputs, digests, diffs and evidence.
 *
 * Equal values under one installation key give equal marks, so plans stay comparable; without the key the value
 * cannot be guessed from the mark, however short it is.
 *
 * @param key the installation's sealing key, at least 32 bytes.
 * @throws RangeError on a shorter key.
 */
export function sealedMark(value: Json, key: Uint8Array, sha256: Sha256): SealedMark {
  if (key.length < 32) throw new RangeError('a sealing key has at least 32 bytes');
  const mac = hmacSha256(key, taggedBytes('countersign.sealed.v1', canonicalBytes(value)), sha256);
  return { $sealed: `hmac-sha256:${toHex(mac)}` };
}
