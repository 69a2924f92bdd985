import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sampleLeaves, sampleRoots, storeOf } from '../fixture/sample-tree.ts';
import { nodeSha256 } from '../node.ts';
import { consistencyProof, inclusionProof } from './proof.ts';
import { tiledReader } from './tile.ts';
import { verifyConsistency, verifyInclusion } from './verify-proof.ts';

const seed = 20_261_121;
const reader = tiledReader(storeOf(sampleLeaves), nodeSha256);

const tree = fc.integer({ min: 1, max: sampleLeaves.length });
const flips = fc.record({ part: fc.nat(), byte: fc.nat({ max: 31 }), mask: fc.integer({ min: 1, max: 255 }) });

function mutated(proof: readonly Uint8Array[], flip: { part: number; byte: number; mask: number }): Uint8Array[][] {
  const flipped = proof.map((part) => part.slice());
  const part = flipped[flip.part % Math.max(1, proof.length)];
  if (part !== undefined) part[flip.byte] = (part[flip.byte] ?? 0) ^ flip.mask;
  const variants = [[...proof, new Uint8Array(32)]];
  if (proof.length > 0) variants.push(flipped, proof.slice(1), proof.slice(0, -1));
  if (proof.length > 1) variants.push([...proof].reverse());
  return variants;
}

describe('proofs', () => {
  it(`of inclusion verify, and no mutation of them does (seed ${seed})`, async () => {
    const property = fc.asyncProperty(tree, fc.nat(), flips, async (size, position, flip) => {
      const index = position % size;
      const proof = await inclusionProof(index, size, reader, nodeSha256);
      const claim = {
        leafHash: sampleLeaves[index] ?? new Uint8Array(),
        index,
        size,
        root: sampleRoots[size] ?? new Uint8Array(),
        proof,
      };
      expect(await verifyInclusion(claim, nodeSha256)).toBe(true);
      for (const other of mutated(proof, flip)) {
        expect(await verifyInclusion({ ...claim, proof: other }, nodeSha256)).toBe(false);
      }
      const elsewhere = (index + 1) % size;
      if (elsewhere !== index) expect(await verifyInclusion({ ...claim, index: elsewhere }, nodeSha256)).toBe(false);
      expect(await verifyInclusion({ ...claim, index: index + size }, nodeSha256)).toBe(false);
      expect(await verifyInclusion({ ...claim, leafHash: new Uint8Array(32) }, nodeSha256)).toBe(false);
      expect(await verifyInclusion({ ...claim, root: new Uint8Array(32) }, nodeSha256)).toBe(false);
    });
    await fc.assert(property, { seed, numRuns: process.env['COUNTERSIGN_MUTATION'] === undefined ? 400 : 40 });
  });

  it(`of consistency verify, and no mutation of them does (seed ${seed})`, async () => {
    const property = fc.asyncProperty(tree, fc.nat(), flips, async (size, position, flip) => {
      const earlierSize = 1 + (position % size);
      const proof = await consistencyProof(earlierSize, size, reader, nodeSha256);
      const earlierRoot = sampleRoots[earlierSize] ?? new Uint8Array();
      const claim = { earlierSize, earlierRoot, size, root: sampleRoots[size] ?? new Uint8Array(), proof };
      expect(await verifyConsistency(claim, nodeSha256)).toBe(true);
      for (const other of mutated(proof, flip)) {
        expect(await verifyConsistency({ ...claim, proof: other }, nodeSha256)).toBe(false);
      }
      expect(await verifyConsistency({ ...claim, earlierRoot: new Uint8Array(32) }, nodeSha256)).toBe(false);
      expect(await verifyConsistency({ ...claim, root: new Uint8Array(32) }, nodeSha256)).toBe(false);
    });
    await fc.assert(property, { seed, numRuns: process.env['COUNTERSIGN_MUTATION'] === undefined ? 400 : 40 });
  });

  it('exist for every leaf and every earlier tree of small trees', async () => {
    for (let size = 1; size <= 17; size += 1) {
      const root = sampleRoots[size] ?? new Uint8Array();
      for (let index = 0; index < size; index += 1) {
        const proof = await inclusionProof(index, size, reader, nodeSha256);
        const leaf = sampleLeaves[index] ?? new Uint8Array();
        expect(await verifyInclusion({ leafHash: leaf, index, size, root, proof }, nodeSha256)).toBe(true);
        const between = await consistencyProof(index, size, reader, nodeSha256);
        const claim = {
          earlierSize: index,
          earlierRoot: sampleRoots[index] ?? new Uint8Array(),
          size,
          root,
          proof: between,
        };
        expect(await verifyConsistency(claim, nodeSha256)).toBe(true);
      }
    }
  });

  it('never hold for sizes and places that are none', async () => {
    const leaf = sampleLeaves[0] ?? new Uint8Array();
    const claim = { leafHash: leaf, index: 0, size: 1, root: leaf, proof: [] };
    expect(await verifyInclusion(claim, nodeSha256)).toBe(true);
    for (const index of [-1, 0.5, Number.NaN, 1]) {
      expect(await verifyInclusion({ ...claim, index }, nodeSha256)).toBe(false);
    }
    for (const size of [0, -1, 1.5, 2 ** 53, Number.POSITIVE_INFINITY]) {
      expect(await verifyInclusion({ ...claim, size }, nodeSha256)).toBe(false);
    }
    const same = { earlierSize: 1, earlierRoot: leaf, size: 1, root: leaf, proof: [] };
    expect(await verifyConsistency(same, nodeSha256)).toBe(true);
    for (const size of [0, -1, 1.5, 2 ** 53, 2]) {
      expect(await verifyConsistency({ ...same, size }, nodeSha256)).toBe(false);
      expect(await verifyConsistency({ ...same, size, earlierSize: size }, nodeSha256)).toBe(size === 2);
    }
  });

  it('are refused for what is not in the tree', async () => {
    await expect(inclusionProof(-1, 5, reader, nodeSha256)).rejects.toThrow(new RangeError('no such leaf: -1 of 4'));
    await expect(inclusionProof(5, 5, reader, nodeSha256)).rejects.toThrow(RangeError);
    await expect(inclusionProof(0, 0, reader, nodeSha256)).rejects.toThrow(RangeError);
    await expect(consistencyProof(6, 5, reader, nodeSha256)).rejects.toThrow(
      new RangeError('no such earlier tree: 6 of 5'),
    );
    for (const place of [0.5, Number.NaN, -1]) {
      await expect(inclusionProof(place, 5, reader, nodeSha256)).rejects.toThrow(RangeError);
      await expect(consistencyProof(place, 5, reader, nodeSha256)).rejects.toThrow(RangeError);
    }
    for (const size of [1.5, 2 ** 53 + 2, Number.POSITIVE_INFINITY, Number.NaN]) {
      await expect(inclusionProof(0, size, reader, nodeSha256)).rejects.toThrow(RangeError);
      await expect(consistencyProof(0, size, reader, nodeSha256)).rejects.toThrow(RangeError);
    }
  });
});
