import type { PlanBody, Verdict } from '@countersign/protocol';
import { toHex } from '../bytes/hex.ts';
import type { AnySha256, Sha256 } from '../crypto/ports.ts';
import { planPreimage, verdictPreimage } from './preimage.ts';

/** `sha256:` and 64 lower-case hex digits of a SHA-256 hash. */
export function digestText(hash: Uint8Array): string {
  return `sha256:${toHex(hash)}`;
}

/** Digest of a file's bytes, as `manifest.json` lists it. */
export function fileDigest(bytes: Uint8Array, sha256: Sha256): string {
  return digestText(sha256(bytes));
}

/** `fileDigest` for a runtime whose hash is asynchronous. */
export async function fileDigestAsync(bytes: Uint8Array, sha256: AnySha256): Promise<string> {
  return digestText(await sha256(bytes));
}

/**
 * Identity of a plan: equal for the same request on the same target state, in any process (see `planPreimage`).
 *
 * @throws TypeError when the body cannot be written as canonical JSON.
 */
export function planDigest(body: PlanBody, sha256: Sha256): string {
  return digestText(sha256(planPreimage(body)));
}

/** `planDigest` for a runtime whose hash is asynchronous. */
export async function planDigestAsync(body: PlanBody, sha256: AnySha256): Promise<string> {
  return digestText(await sha256(planPreimage(body)));
}

/** Identity of a policy verdict as it was shown (see `verdictPreimage`). */
export function verdictDigest(verdict: Verdict, sha256: Sha256): string {
  return digestText(sha256(verdictPreimage(verdict)));
}

/** `verdictDigest` for a runtime whose hash is asynchronous. */
export async function verdictDigestAsync(verdict: Verdict, sha256: AnySha256): Promise<string> {
  return digestText(await sha256(verdictPreimage(verdict)));
}
