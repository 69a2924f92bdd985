import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8 } from '../bytes/utf8.ts';
import { nodeSha256 } from '../node.ts';
import { appendLeaves, emptyFrontier, merkleRoot } from './frontier.ts';
import { leafHash } from './hash.ts';
import { consistencyProof, inclusionProof } from './proof.ts';
import { tiledReader } from './tile.ts';
import { verifyConsistency, verifyInclusion } from './verify-proof.ts';

const seed = 20_261_121;
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

const tree = fc.integer({ min: 1, max: many.length });
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
        leafHash: many[index] ?? new Uint8Array(),
        index,
        size,
        root: roots[size] ?? new Uint8Array(),
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
      const earlierRoot = roots[earlierSize] ?? new Uint8Array();
      const claim = { earlierSize, earlierRoot, size, root: roots[size] ?? new Uint8Array(), proof };
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
      const root = roots[size] ?? new Uint8Array();
      for (let index = 0; index < size; index += 1) {
        const proof = await inclusionProof(index, size, reader, nodeSha256);
        const leaf = many[index] ?? new Uint8Array();
        expect(await verifyInclusion({ leafHash: leaf, index, size, root, proof }, nodeSha256)).toBe(true);
        const between = await consistencyProof(index, size, reader, nodeSha256);
        const claim = { earlierSize: index, earlierRoot: roots[index] ?? new Uint8Array(), size, root, proof: between };
        expect(await verifyConsistency(claim, nodeSha256)).toBe(true);
      }
    }
  });

  it('never hold for sizes and places that are none', async () => {
    const leaf = many[0] ?? new Uint8Array();
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
    await expect(inclusionProof(-1, 5, reader, nodeSha256)).rejects.toThrow(RangeError);
    await expect(inclusionProof(5, 5, reader, nodeSha256)).rejects.toThrow(RangeError);
    await expect(inclusionProof(0, 0, reader, nodeSha256)).rejects.toThrow(RangeError);
    await expect(consistencyProof(6, 5, reader, nodeSha256)).rejects.toThrow(RangeError);
  });
});
