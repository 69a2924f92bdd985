import { fromHex, toHex } from '../bytes/hex.ts';
import type { Sha256 } from '../crypto/ports.ts';
import { emptyRoot, nodeHash } from './hash.ts';
import { levelsPerTile } from './tile.ts';

/** The right edge of a tree: all that is needed to append. Plain JSON, so that it can be stored as it is. */
export interface Frontier {
  /** Number of leaves. */
  readonly size: number;
  /** Hex hash of each complete subtree, left (largest) to right, one for each bit set in `size`. */
  readonly hashes: readonly string[];
}

/** A complete subtree of 2^`level` leaves, the `index`th of its level from the left. */
export interface SubtreeNode {
  readonly level: number;
  readonly index: number;
  readonly hash: Uint8Array;
}

/** What appending gives: the new right edge and root, and the nodes at levels 0, 8, 16, … that became complete. */
export interface Appended {
  readonly frontier: Frontier;
  readonly root: Uint8Array;
  readonly nodes: readonly SubtreeNode[];
}

/** The frontier of the tree without leaves. */
export const emptyFrontier: Frontier = { size: 0, hashes: [] };

function countOnes(size: number): number {
  return size.toString(2).replaceAll('0', '').length;
}

function edgeOf(frontier: Frontier): Uint8Array[] {
  const { size, hashes } = frontier;
  if (!Number.isSafeInteger(size) || size < 0 || hashes.length !== countOnes(size)) {
    throw new RangeError(`a frontier of size ${size} cannot have ${hashes.length} hashes`);
  }
  return hashes.map(fromHex);
}

function foldEdge(edge: readonly Uint8Array[], sha256: Sha256): Uint8Array {
  return edge.length === 0 ? emptyRoot(sha256) : edge.reduceRight((right, left) => nodeHash(left, right, sha256));
}

/**
 * Root hash of the tree that ends at this frontier.
 *
 * @throws RangeError when the number of hashes does not fit the size.
 */
export function frontierRoot(frontier: Frontier, sha256: Sha256): Uint8Array {
  return foldEdge(edgeOf(frontier), sha256);
}

/**
 * Appends leaves, given as leaf hashes in order. Costs at most two hashes a leaf and reads nothing else.
 *
 * @throws RangeError when the frontier's hashes do not fit its size.
 */
export function appendLeaves(frontier: Frontier, leafHashes: readonly Uint8Array[], sha256: Sha256): Appended {
  const edge = edgeOf(frontier);
  const nodes: SubtreeNode[] = [];
  let size = frontier.size;
  for (const leaf of leafHashes) {
    let node: SubtreeNode = { level: 0, index: size, hash: leaf };
    nodes.push(node);
    while (node.index % 2 === 1) {
      const left = edge.pop();
      if (left === undefined) throw new RangeError('the frontier is incomplete');
      node = { level: node.level + 1, index: (node.index - 1) / 2, hash: nodeHash(left, node.hash, sha256) };
      if (node.level % levelsPerTile === 0) nodes.push(node);
    }
    edge.push(node.hash);
    size += 1;
  }
  return { frontier: { size, hashes: edge.map(toHex) }, root: foldEdge(edge, sha256), nodes };
}

/** Root hash of the tree over the leaf hashes in order (RFC 6962 section 2.1). */
export function merkleRoot(leafHashes: readonly Uint8Array[], sha256: Sha256): Uint8Array {
  return appendLeaves(emptyFrontier, leafHashes, sha256).root;
}
