import type { TrustRoot } from '@countersign/protocol';
import { fromBase64, toBase64 } from '../bytes/base64.ts';
import { type Checked, invalid, valid } from '../checked/checked.ts';
import type { VerifyCrypto } from '../crypto/ports.ts';
import { leafHashAsync } from '../merkle/hash.ts';
import { verifyInclusion } from '../merkle/verify-proof.ts';
import { parseCheckpoint, parseDecimal } from './checkpoint.ts';
import { type VerifiedCheckpoint, verifyCheckpoint } from './verify-checkpoint.ts';

/** An offline proof that an entry is in the log. */
export interface TlogProof {
  /** Leaf index from 0. */
  readonly index: number;
  /** Sibling hashes from the leaf up, 32 bytes each. */
  readonly hashes: readonly Uint8Array[];
  /** The signed checkpoint, verbatim. */
  readonly checkpoint: string;
  /** Unauthenticated bytes of the application, or null; never trust them. */
  readonly extra: Uint8Array | null;
}

const header = 'c2sp.org/tlog-proof@v1';

/** The proof as text (https://c2sp.org/tlog-proof). */
export function formatTlogProof(proof: TlogProof): string {
  const extra = proof.extra === null ? '' : `extra ${toBase64(proof.extra)}\n`;
  const hashes = proof.hashes.map((hash) => `${toBase64(hash)}\n`).join('');
  return `${header}\n${extra}index ${proof.index}\n${hashes}\n${proof.checkpoint}`;
}

/** Reads a proof strictly: only text that `formatTlogProof` would write again byte for byte. Nothing is verified yet. */
export function parseTlogProof(text: string): Checked<TlogProof> {
  const split = text.indexOf('\n\n');
  const [first, ...lines] = text.slice(0, Math.max(split, 0)).split('\n');
  if (first !== header) return invalid('not a tlog-proof of version 1');
  const extraLine = lines[0]?.startsWith('extra ') ? lines.shift() : undefined;
  const extra = extraLine === undefined ? null : fromBase64(extraLine.slice('extra '.length));
  const indexLine = lines.shift();
  const index = indexLine?.startsWith('index ') ? parseDecimal(indexLine.slice('index '.length)) : null;
  if (index === null) return invalid('a malformed index');
  if (lines.length > 64) return invalid('more hashes than any tree is high');
  const hashes: Uint8Array[] = [];
  for (const line of lines) {
    const hash = fromBase64(line);
    if (hash?.length !== 32) return invalid('a malformed hash');
    hashes.push(hash);
  }
  const proof = { index, hashes, checkpoint: text.slice(split + 2), extra };
  const checkpoint = parseCheckpoint(proof.checkpoint);
  if (!checkpoint.ok) return checkpoint;
  return formatTlogProof(proof) === text ? valid(proof) : invalid('not in its one exact form');
}

/** Checks that `data` is the log's entry the proof names, in a checkpoint a trusted key signed. */
export async function verifyTlogProof(
  text: string,
  data: Uint8Array,
  trust: TrustRoot,
  crypto: VerifyCrypto,
): Promise<Checked<{ readonly index: number; readonly checkpoint: VerifiedCheckpoint }>> {
  const parsed = parseTlogProof(text);
  if (!parsed.ok) return parsed;
  const { index, hashes, checkpoint: note } = parsed.value;
  const checkpoint = await verifyCheckpoint(note, trust, crypto);
  if (!checkpoint.ok) return checkpoint;
  const { size, root } = checkpoint.value;
  const leafHash = await leafHashAsync(data, crypto.sha256);
  const included = await verifyInclusion({ leafHash, index, size, root, proof: hashes }, crypto.sha256);
  return included
    ? valid({ index, checkpoint: checkpoint.value })
    : invalid('the entry is not at that place in the log');
}
