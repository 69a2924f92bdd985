import { describe, expect, it } from 'vitest';
import { utf8 } from '../bytes/utf8.ts';
import { nodeSha256 } from '../node.ts';
import { leafHash, nodeHash } from './hash.ts';
import { verifyConsistency, verifyInclusion } from './verify-proof.ts';

// Claims whose roots do come out of the hashing that the proof asks for: only their form gives them away.
const [a, b, c, d] = [leafOf('a'), leafOf('b'), leafOf('c'), leafOf('d')];
const short = a.slice(1);
const empty = nodeSha256(new Uint8Array());

function leafOf(text: string): Uint8Array {
  return leafHash(utf8(text), nodeSha256);
}
function node(left: Uint8Array, right: Uint8Array): Uint8Array {
  return nodeHash(left, right, nodeSha256);
}

describe('a forged proof of inclusion', () => {
  it.each([
    ['a part too many', { leafHash: a, index: 0, size: 1, root: node(b, a), proof: [b] }],
    ['a part too many above', { leafHash: a, index: 0, size: 2, root: node(c, node(a, b)), proof: [b, c] }],
    ['a short part on the right', { leafHash: a, index: 0, size: 2, root: node(a, short), proof: [short] }],
    ['a short part on the left', { leafHash: a, index: 1, size: 2, root: node(short, a), proof: [short] }],
    ['a part too few', { leafHash: a, index: 0, size: 2, root: a, proof: [] }],
    ['a place behind the last leaf', { leafHash: a, index: 1, size: 1, root: a, proof: [] }],
    ['a part of a leaf', { leafHash: a, index: 0.5, size: 1, root: a, proof: [] }],
  ])('is refused for %s', async (_, claim) => {
    expect(await verifyInclusion(claim, nodeSha256)).toBe(false);
  });
});

describe('a forged proof of consistency', () => {
  const three = node(node(a, b), c);
  const four = node(node(a, b), node(c, d));
  const grown = { earlierSize: 3, earlierRoot: three, size: 4, root: four, proof: [c, d, node(a, b)] };

  it('is refused where the true one holds', async () => {
    expect(await verifyConsistency(grown, nodeSha256)).toBe(true);
    const above = { ...grown, earlierRoot: node(d, three), root: node(d, four), proof: [...grown.proof, d] };
    expect(await verifyConsistency(above, nodeSha256)).toBe(false);
    expect(await verifyConsistency({ ...grown, earlierSize: 4 }, nodeSha256)).toBe(false);
    expect(await verifyConsistency({ ...grown, proof: [] }, nodeSha256)).toBe(false);
  });

  it.each([
    ['a short part', { earlierSize: 1, earlierRoot: a, size: 2, root: node(a, short), proof: [short] }],
    ['a short part beside', { ...grown, root: node(node(a, b), node(c, short)), proof: [c, short, node(a, b)] }],
    ['a tree that shrank', { earlierSize: 2, earlierRoot: a, size: 1, root: a, proof: [] }],
    ['equal sizes and another root', { earlierSize: 2, earlierRoot: a, size: 2, root: b, proof: [] }],
    ['equal sizes and a part', { earlierSize: 2, earlierRoot: a, size: 2, root: a, proof: [a] }],
    ['a part of a leaf', { earlierSize: 0.5, earlierRoot: a, size: 0.5, root: a, proof: [] }],
    ['a part of a leaf before one', { earlierSize: 0.5, earlierRoot: a, size: 1, root: a, proof: [a] }],
    ['no number of leaves before one', { earlierSize: Number.NaN, earlierRoot: a, size: 1, root: a, proof: [a] }],
    ['fewer than no leaves', { earlierSize: -1, earlierRoot: a, size: -1, root: a, proof: [] }],
    ['another root of no leaves', { earlierSize: 0, earlierRoot: a, size: 2, root: b, proof: [] }],
    ['another root of no leaves twice', { earlierSize: 0, earlierRoot: a, size: 0, root: a, proof: [] }],
    ['two roots of no leaves', { earlierSize: 0, earlierRoot: empty, size: 0, root: a, proof: [] }],
    ['a part after no leaves', { earlierSize: 0, earlierRoot: empty, size: 2, root: node(a, b), proof: [a] }],
  ])('is refused for %s', async (_, claim) => {
    expect(await verifyConsistency(claim, nodeSha256)).toBe(false);
  });

  it('after no leaves holds for any tree, and for no leaves only with their root', async () => {
    const claim = { earlierSize: 0, earlierRoot: empty, proof: [] };
    expect(await verifyConsistency({ ...claim, size: 2, root: node(a, b) }, nodeSha256)).toBe(true);
    expect(await verifyConsistency({ ...claim, size: 0, root: empty }, nodeSha256)).toBe(true);
  });
});
