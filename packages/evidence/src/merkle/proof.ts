import type { Sha256 } from '../crypto/ports.ts';
import { nodeHash } from './hash.ts';
import type { NodeReader } from './tile.ts';

/** Leaves from `start` up to, not including, `end`. */
interface Range {
  readonly start: number;
  readonly end: number;
}

function split(range: Range): { left: Range; right: Range } {
  let width = 1;
  while (width * 2 < range.end - range.start) width *= 2;
  const middle = range.start + width;
  return { left: { start: range.start, end: middle }, right: { start: middle, end: range.end } };
}

async function rangeHash(range: Range, readHash: NodeReader, sha256: Sha256): Promise<Uint8Array> {
  const width = range.end - range.start;
  const level = Math.round(Math.log2(width));
  if (2 ** level === width) return readHash(level, range.start / width);
  const { left, right } = split(range);
  return nodeHash(await rangeHash(left, readHash, sha256), await rangeHash(right, readHash, sha256), sha256);
}

function assertOrder(lesser: number, greater: number, what: string): void {
  if (!Number.isSafeInteger(lesser) || !Number.isSafeInteger(greater) || lesser < 0 || lesser > greater) {
    throw new RangeError(`no such ${what}: ${lesser} of ${greater}`);
  }
}

/**
 * Proof that leaf `index` is in the tree of the first `size` leaves: sibling hashes from the leaf up (RFC 6962
 * section 2.1.1). The tree may have grown further since.
 *
 * @throws RangeError when there is no such leaf; whatever `readHash` throws.
 */
export async function inclusionProof(
  index: number,
  size: number,
  readHash: NodeReader,
  sha256: Sha256,
): Promise<Uint8Array[]> {
  assertOrder(index, size - 1, 'leaf');
  const siblings: Range[] = [];
  let range: Range = { start: 0, end: size };
  while (range.end - range.start > 1) {
    const { left, right } = split(range);
    const goLeft = index < left.end;
    siblings.unshift(goLeft ? right : left);
    range = goLeft ? left : right;
  }
  return Promise.all(siblings.map((sibling) => rangeHash(sibling, readHash, sha256)));
}

/**
 * Proof that the tree of the first `size` leaves only appended to that of the first `earlierSize` (RFC 6962
 * section 2.1.2). Empty when the sizes are equal or the earlier tree has no leaves.
 *
 * @throws RangeError when `earlierSize` is above `size`; whatever `readHash` throws.
 */
export async function consistencyProof(
  earlierSize: number,
  size: number,
  readHash: NodeReader,
  sha256: Sha256,
): Promise<Uint8Array[]> {
  assertOrder(earlierSize, size, 'earlier tree');
  if (earlierSize === 0) return [];
  const parts: Range[] = [];
  let range: Range = { start: 0, end: size };
  while (range.end !== earlierSize) {
    const { left, right } = split(range);
    const goLeft = earlierSize <= left.end;
    parts.unshift(goLeft ? right : left);
    range = goLeft ? left : right;
  }
  // The verifier has the earlier root already; only another subtree has to be sent.
  if (range.start > 0) parts.unshift(range);
  return Promise.all(parts.map((part) => rangeHash(part, readHash, sha256)));
}
