import type { Sha256 } from '../crypto/ports.ts';
import { TreeHasher } from './tree-hasher.ts';

/** Only every eighth level is stored; between them a tile of 2^8 hashes is folded when a proof needs it. */
export const levelsPerTile = 8;

/** Hash of the complete subtree of 2^`level` leaves that is the `index`th of its level. */
export type NodeReader = (level: number, index: number) => Uint8Array | Promise<Uint8Array>;

/** Hashes of `count` neighbouring complete subtrees of a stored level (0, 8, 16, …), from `firstIndex`, in order. */
export type StoredReader = (
  level: number,
  firstIndex: number,
  count: number,
) => readonly Uint8Array[] | Promise<readonly Uint8Array[]>;

/**
 * Hash of any complete subtree, from the stored level at or below it. Reads at most 128 hashes.
 *
 * @throws RangeError when the store answers with another number of hashes than asked.
 */
export async function subtreeHash(
  level: number,
  index: number,
  readStored: StoredReader,
  sha256: Sha256,
): Promise<Uint8Array> {
  const above = level % levelsPerTile;
  const count = 2 ** above;
  const hashes = await readStored(level - above, index * count, count);
  if (hashes.length !== count) {
    throw new RangeError(`${hashes.length} of ${count} hashes at level ${level - above} from ${index * count}`);
  }
  const tree = new TreeHasher(sha256);
  for (const hash of hashes) tree.add(hash);
  return tree.root();
}

/** A reader of every level over a store that keeps only levels 0, 8, 16, …. Errors as `subtreeHash`. */
export function tiledReader(readStored: StoredReader, sha256: Sha256): NodeReader {
  return (level, index) => subtreeHash(level, index, readStored, sha256);
}
