import type { Sha256 } from '../crypto/ports.ts';
import { emptyRoot, nodeHash } from './hash.ts';

/**
 * Grows a tree leaf by leaf and keeps only its right edge: for computing the root over a long log in little memory.
 *
 * Reuses one buffer, so `sha256` must be done with its input when it answers.
 */
export class TreeHasher {
  readonly #sha256: Sha256;
  readonly #pair = new Uint8Array(65).fill(1, 0, 1);
  readonly #edge: Uint8Array[] = [];
  #size = 0;

  constructor(sha256: Sha256) {
    this.#sha256 = sha256;
  }

  /** Number of leaves so far. */
  get size(): number {
    return this.#size;
  }

  /** Appends a leaf, given as its hash of 32 bytes. */
  add(leafHash: Uint8Array): void {
    let node = leafHash;
    for (let place = this.#size; place % 2 === 1; place = (place - 1) / 2) {
      const left = this.#edge.pop();
      if (left === undefined) throw new RangeError('the edge of the tree is incomplete');
      this.#pair.set(left, 1);
      this.#pair.set(node, 33);
      node = this.#sha256(this.#pair);
    }
    this.#edge.push(node);
    this.#size += 1;
  }

  /** Root of the tree so far (RFC 6962 section 2.1); the tree may grow on. */
  root(): Uint8Array {
    if (this.#edge.length === 0) return emptyRoot(this.#sha256);
    return this.#edge.reduceRight((right, left) => nodeHash(left, right, this.#sha256));
  }
}
