import { type WorkerAuditBody, WorkerAuditEntry } from '@countersign/protocol';
import { toBase64 } from '../bytes/base64.ts';
import { canonicalBytes } from '../canonical/canonical.ts';
import { parseCanonical } from '../canonical/parse-canonical.ts';
import type { Checked } from '../checked/checked.ts';
import type { AnySha256, Sha256, Signer } from '../crypto/ports.ts';
import { digestText } from '../digest/digest.ts';
import { taggedBytes } from '../digest/preimage.ts';
import { leafHash, leafHashAsync } from '../merkle/hash.ts';

const tag = 'countersign.worker-audit.v1';

/** What the first line of a worker's audit has as `prev`. */
export const workerAuditStart = `sha256:${'0'.repeat(64)}`;

/** The bytes that a line's signature is over. */
export function workerAuditSigned(body: WorkerAuditBody, publicKey: string): Uint8Array {
  return taggedBytes(tag, canonicalBytes({ ...body, public_key: publicKey }));
}

/**
 * One line of a worker's own audit, without its newline: canonical JSON (RFC 8785), signed by the worker's key where it has one.
 *
 * @throws TypeError when the body cannot be written as canonical JSON.
 */
export function workerAuditLine(body: WorkerAuditBody, signer: Signer | null): Uint8Array {
  const publicKey = signer === null ? null : toBase64(signer.publicKey);
  const signature =
    signer === null || publicKey === null ? null : toBase64(signer.sign(workerAuditSigned(body, publicKey)));
  return canonicalBytes({ ...body, public_key: publicKey, signature });
}

/** What the next line has as `prev`: the RFC 6962 leaf hash of this one. */
export function workerAuditHash(line: Uint8Array, sha256: Sha256): string {
  return digestText(leafHash(line, sha256));
}

/** `workerAuditHash` for a runtime whose hash is asynchronous. */
export async function workerAuditHashAsync(line: Uint8Array, sha256: AnySha256): Promise<string> {
  return digestText(await leafHashAsync(line, sha256));
}

/** Reads a line; nothing of it is verified but its form. */
export function readWorkerAuditLine(line: Uint8Array): Checked<WorkerAuditEntry> {
  return parseCanonical(line, WorkerAuditEntry);
}

const lineFeed = 0x0a;

/** The lines of a file of an audit, the last also where it lacks its newline. */
export function workerAuditLines(bytes: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = [];
  for (let from = 0; from < bytes.length; ) {
    const found = bytes.indexOf(lineFeed, from);
    const end = found < 0 ? bytes.length : found;
    lines.push(bytes.subarray(from, end));
    from = end + 1;
  }
  return lines;
}
