import { equalBytes } from '../bytes/bytes.ts';
import type { AnySha256 } from '../crypto/ports.ts';
import { nodePreimage } from './hash.ts';

/** What an inclusion proof claims: the leaf with this hash stands at `index` in the tree of `size` leaves and `root`. */
export interface InclusionClaim {
  readonly leafHash: Uint8Array;
  readonly index: number;
  readonly size: number;
  readonly root: Uint8Array;
  readonly proof: readonly Uint8Array[];
}

/** What a consistency proof claims: the later tree begins with all leaves of the earlier one. */
export interface ConsistencyClaim {
  readonly earlierSize: number;
  readonly earlierRoot: Uint8Array;
  readonly size: number;
  readonly root: Uint8Array;
  readonly proof: readonly Uint8Array[];
}

function isOdd(value: number): boolean {
  return value % 2 === 1;
}
function half(value: number): number {
  return Math.floor(value / 2);
}
function isSize(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

/** Checks an inclusion proof (RFC 9162 section 2.1.3.2). Never throws on a hostile claim. */
export async function verifyInclusion(claim: InclusionClaim, sha256: AnySha256): Promise<boolean> {
  if (!isSize(claim.index) || !isSize(claim.size) || claim.index >= claim.size) return false;
  let node = claim.index;
  let last = claim.size - 1;
  let hash = claim.leafHash;
  for (const sibling of claim.proof) {
    if (last === 0 || sibling.length !== 32) return false;
    if (isOdd(node) || node === last) {
      hash = await sha256(nodePreimage(sibling, hash));
      // Ends: a node that is even here is the last one, and the last one is not 0.
      while (!isOdd(node)) {
        node = half(node);
        last = half(last);
      }
    } else {
      hash = await sha256(nodePreimage(hash, sibling));
    }
    node = half(node);
    last = half(last);
  }
  return last === 0 && equalBytes(hash, claim.root);
}

/** Checks a consistency proof (RFC 9162 section 2.1.4.2). Never throws on a hostile claim. */
export async function verifyConsistency(claim: ConsistencyClaim, sha256: AnySha256): Promise<boolean> {
  const { earlierSize, earlierRoot, size, root, proof } = claim;
  if (!isSize(earlierSize) || !isSize(size) || earlierSize > size) return false;
  if (proof.some((part) => part.length !== 32)) return false;
  if (earlierSize === 0) {
    const empty = await sha256(new Uint8Array());
    return proof.length === 0 && equalBytes(earlierRoot, empty) && (size > 0 || equalBytes(root, empty));
  }
  if (earlierSize === size) return proof.length === 0 && equalBytes(earlierRoot, root);
  let node = earlierSize - 1;
  let last = size - 1;
  while (isOdd(node)) {
    node = half(node);
    last = half(last);
  }
  // A whole left subtree is the earlier tree itself: the proof leaves its hash out.
  const [first, ...rest] = node === 0 ? [earlierRoot, ...proof] : proof;
  if (first === undefined) return false;
  let earlier = first;
  let later = first;
  for (const part of rest) {
    if (last === 0) return false;
    if (isOdd(node) || node === last) {
      earlier = await sha256(nodePreimage(part, earlier));
      later = await sha256(nodePreimage(part, later));
      // Ends: a node that is even here is the last one, and the last one is not 0.
      while (!isOdd(node)) {
        node = half(node);
        last = half(last);
      }
    } else {
      later = await sha256(nodePreimage(later, part));
    }
    node = half(node);
    last = half(last);
  }
  return last === 0 && equalBytes(earlier, earlierRoot) && equalBytes(later, root);
}
