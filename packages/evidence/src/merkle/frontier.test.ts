import { describe, expect, it } from 'vitest';
import vectors from '../../vectors/merkle.json' with { type: 'json' };
import { fromHex, toHex } from '../bytes/hex.ts';
import { utf8 } from '../bytes/utf8.ts';
import { nodeSha256 } from '../node.ts';
import { appendLeaves, emptyFrontier, frontierRoot, merkleRoot } from './frontier.ts';
import { leafHash } from './hash.ts';
import { subtreeHash, tiledReader } from './tile.ts';

const known = vectors.leaves.map((leaf) => leafHash(fromHex(leaf), nodeSha256));
const many = Array.from({ length: 700 }, (_, index) => leafHash(utf8(`leaf ${index}`), nodeSha256));
const roots = Array.from({ length: many.length + 1 }, (_, size) => merkleRoot(many.slice(0, size), nodeSha256));

/** A store that keeps only what `appendLeaves` says became complete at levels 0, 8, 16. */
function storeOf(leaves: readonly Uint8Array[]) {
  const kept = new Map<string, Uint8Array>();
  for (const node of appendLeaves(emptyFrontier, leaves, nodeSha256).nodes)
    kept.set(`${node.level}/${node.index}`, node.hash);
  return async (level: number, first: number, count: number) =>
    Array.from({ length: count }, (_, offset) => kept.get(`${level}/${first + offset}`)).filter(
      (hash) => hash !== undefined,
    );
}
const reader = tiledReader(storeOf(many), nodeSha256);

describe('the reference tree', () => {
  it('has the published roots at every size, however it is appended', () => {
    vectors.roots.forEach((root, size) => {
      expect(toHex(merkleRoot(known.slice(0, size), nodeSha256))).toBe(root);
      const first = appendLeaves(emptyFrontier, known.slice(0, size), nodeSha256);
      const all = appendLeaves(JSON.parse(JSON.stringify(first.frontier)), known.slice(size), nodeSha256);
      expect(toHex(all.root)).toBe(vectors.roots.at(-1));
      expect(toHex(frontierRoot(first.frontier, nodeSha256))).toBe(root);
    });
  });

  it('has the published nodes', async () => {
    for (const [level, hashes] of vectors.nodes.entries()) {
      for (const [index, hash] of hashes.entries()) {
        expect(toHex(await subtreeHash(level, index, storeOf(known), nodeSha256))).toBe(hash);
      }
    }
  });

  it('refuses a frontier that cannot be', () => {
    expect(() => appendLeaves({ size: 3, hashes: ['00'] }, [], nodeSha256)).toThrow(RangeError);
    for (const size of [-1, 1.5, 2 ** 53]) {
      expect(() => frontierRoot({ size, hashes: ['00'] }, nodeSha256)).toThrow(RangeError);
    }
  });
});

describe('tiles', () => {
  it('keep a level-8 node each 256 leaves and answer every level', async () => {
    const nodes = appendLeaves(emptyFrontier, many, nodeSha256).nodes;
    expect(nodes.filter(({ level }) => level === 8).map(({ index }) => index)).toEqual([0, 1]);
    expect(new Set(nodes.map(({ level }) => level))).toEqual(new Set([0, 8]));
    expect(await reader(9, 0)).toEqual(roots[512]);
    await expect(subtreeHash(3, 87, storeOf(many), nodeSha256)).rejects.toThrow(RangeError);
  });
});
