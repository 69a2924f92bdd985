import type { AuditWrites } from '@countersign/kernel';

/** Leaves of a tile, and tiles of the next level's tile. */
const tileWidth = 256;

/** RFC 6962 node hash of two hashes, all in hex: SHA-256(0x01 || left || right). */
export type HashChildren = (left: string, right: string) => string;

/**
 * Gives leaf indexes to up to `limit` waiting entries and stores the tiles that this completes. Only one unit at a time
 * may do this. Answers how many entries got an index.
 */
export async function sequenceEntries(audit: AuditWrites, hashChildren: HashChildren, limit: number): Promise<number> {
  const given = await audit.sequence(limit);
  const [first] = given;
  if (first !== undefined) await addTiles(audit, hashChildren, first.leafIndex, first.leafIndex + given.length);
  return given.length;
}

/** Stores the hash of every subtree of 256^level leaves that the leaves from `from` up to (not with) `to` complete. */
export async function addTiles(
  audit: AuditWrites,
  hashChildren: HashChildren,
  from: number,
  to: number,
): Promise<void> {
  for (let tile = Math.floor(from / tileWidth); (tile + 1) * tileWidth <= to; tile++) {
    await completeTile(audit, hashChildren, tile);
  }
}

/** Stores a tile of level 1 and those above it whose last child it is. */
async function completeTile(audit: AuditWrites, hashChildren: HashChildren, firstIndex: number): Promise<void> {
  let level = 1;
  let index = firstIndex;
  for (;;) {
    await audit.addTile(level, index, foldPerfect(await children(audit, level, index), hashChildren));
    if ((index + 1) % tileWidth !== 0) return;
    level += 1;
    index = (index + 1) / tileWidth - 1;
  }
}

async function children(audit: AuditWrites, level: number, index: number): Promise<string[]> {
  const from = index * tileWidth;
  const hashes = level === 1 ? await audit.leafHashes(from, from + tileWidth) : [];
  for (let child = from; level > 1 && child < from + tileWidth; child++) {
    const hash = await audit.tile(level - 1, child);
    if (hash !== null) hashes.push(hash);
  }
  if (hashes.length !== tileWidth) {
    throw new Error(`The audit tree has a gap: tile ${index} of level ${level} has ${hashes.length} children.`);
  }
  return hashes;
}

/** Root of a perfect subtree. */
function foldPerfect(hashes: readonly string[], hashChildren: HashChildren): string {
  let layer = [...hashes];
  while (layer.length > 1) {
    const above: string[] = [];
    let left: string | null = null;
    for (const hash of layer) {
      if (left === null) left = hash;
      else {
        above.push(hashChildren(left, hash));
        left = null;
      }
    }
    layer = above;
  }
  const [root] = layer;
  if (root === undefined) throw new Error('A tile of no hashes has no root.');
  return root;
}
