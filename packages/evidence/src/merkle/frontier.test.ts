import { describe, expect, it } from 'vitest';
import vectors from '../../vectors/merkle.json' with { type: 'json' };
import { fromHex, toHex } from '../bytes/hex.ts';
import { sampleLeaves, sampleRoots, storeOf } from '../fixture/sample-tree.ts';
import { nodeSha256 } from '../node.ts';
import { appendLeaves, emptyFrontier, frontierRoot, merkleRoot } from './frontier.ts';
import { leafHash } from './hash.ts';
import { subtreeHash, tiledReader } from './tile.ts';

const known = vectors.leaves.map((leaf) => leafHash(fromHex(leaf), nodeSha256));
const reader = tiledReader(storeOf(sampleLeaves), nodeSha256);

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
    const few = new RangeError('a frontier of size 3 cannot have 1 hashes');
    expect(() => appendLeaves({ size: 3, hashes: ['00'] }, [], nodeSha256)).toThrow(few);
    expect(() => frontierRoot({ size: 3, hashes: ['00', '00', '00'] }, nodeSha256)).toThrow(RangeError);
    // With any number of hashes, also the one that counting the digits of such a number would give.
    for (const size of [-1, -2, 1.5, 2 ** 53, Number.NaN]) {
      for (let count = 0; count <= 4; count += 1) {
        const frontier = { size, hashes: new Array<string>(count).fill('00') };
        expect(() => frontierRoot(frontier, nodeSha256)).toThrow(RangeError);
      }
    }
  });
});

describe('tiles', () => {
  it('keep a level-8 node each 256 leaves and answer every level', async () => {
    const nodes = appendLeaves(emptyFrontier, sampleLeaves, nodeSha256).nodes;
    expect(nodes.filter(({ level }) => level === 8).map(({ index }) => index)).toEqual([0, 1]);
    expect(new Set(nodes.map(({ level }) => level))).toEqual(new Set([0, 8]));
    expect(await reader(9, 0)).toEqual(sampleRoots[512]);
    await expect(subtreeHash(3, 87, storeOf(sampleLeaves), nodeSha256)).rejects.toThrow(
      new RangeError('4 of 8 hashes at level 0 from 696'),
    );
    await expect(subtreeHash(9, 1, storeOf(sampleLeaves), nodeSha256)).rejects.toThrow(
      new RangeError('0 of 2 hashes at level 8 from 2'),
    );
  });

  it('ask the store for no more than the part of one tile below', async () => {
    const asked: number[][] = [];
    const stored = storeOf(sampleLeaves);
    const counting = tiledReader((level, first, count) => {
      asked.push([level, first, count]);
      return stored(level, first, count);
    }, nodeSha256);
    for (const [level, index] of [
      [0, 5],
      [7, 1],
      [8, 1],
      [9, 0],
    ] as const)
      await counting(level, index);
    expect(asked).toEqual([
      [0, 5, 1],
      [0, 128, 128],
      [8, 1, 1],
      [8, 0, 2],
    ]);
  });
});
