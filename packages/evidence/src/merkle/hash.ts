import { concatBytes } from '../bytes/bytes.ts';
import type { AnySha256, Sha256 } from '../crypto/ports.ts';

const leafPrefix = new Uint8Array([0]);
const nodePrefix = new Uint8Array([1]);

/** The bytes a leaf's hash is the SHA-256 of: 0x00 and the data (RFC 6962 section 2.1). */
export function leafPreimage(data: Uint8Array): Uint8Array {
  return concatBytes(leafPrefix, data);
}

/** The bytes an inner node's hash is the SHA-256 of: 0x01, left, right (RFC 6962 section 2.1). */
export function nodePreimage(left: Uint8Array, right: Uint8Array): Uint8Array {
  return concatBytes(nodePrefix, left, right);
}

/** Hash of a leaf's data, 32 bytes. */
export function leafHash(data: Uint8Array, sha256: Sha256): Uint8Array {
  return sha256(leafPreimage(data));
}

/** `leafHash` for a runtime whose hash is asynchronous. */
export async function leafHashAsync(data: Uint8Array, sha256: AnySha256): Promise<Uint8Array> {
  return sha256(leafPreimage(data));
}

/** Hash of an inner node from its children's hashes, 32 bytes. */
export function nodeHash(left: Uint8Array, right: Uint8Array, sha256: Sha256): Uint8Array {
  return sha256(nodePreimage(left, right));
}

/** Root of the tree without leaves: SHA-256 of nothing. */
export function emptyRoot(sha256: Sha256): Uint8Array {
  return sha256(new Uint8Array());
}
