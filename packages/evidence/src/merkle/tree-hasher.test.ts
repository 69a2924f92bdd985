import fc from 'fast-check';
import { expect, it } from 'vitest';
import { utf8 } from '../bytes/utf8.ts';
import { sampleLeaves, sampleRoots } from '../fixture/sample-tree.ts';
import { nodeSha256 } from '../node.ts';
import { merkleRoot } from './frontier.ts';
import { leafHash } from './hash.ts';
import { TreeHasher } from './tree-hasher.ts';

// Under mutation every mutant runs this again: smaller trees have to do.
const few = process.env['COUNTERSIGN_MUTATION'] !== undefined;

it('gives the root of the whole tree at every size', () => {
  const tree = new TreeHasher(nodeSha256);
  for (const [size, root] of sampleRoots.entries()) {
    expect(tree.size).toBe(size);
    expect(tree.root()).toEqual(root);
    const next = sampleLeaves[size];
    if (next !== undefined) tree.add(next);
  }
  expect(tree.size).toBe(sampleLeaves.length);
  expect(merkleRoot(sampleLeaves, nodeSha256)).toEqual(tree.root());
});

it('another leaf anywhere gives another root', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: few ? 40 : 300 }), fc.nat(), (size, at) => {
      const [whole, changed] = [new TreeHasher(nodeSha256), new TreeHasher(nodeSha256)];
      for (let index = 0; index < size; index += 1) {
        whole.add(leafHash(utf8(String(index)), nodeSha256));
        changed.add(leafHash(utf8(index === at % size ? 'other' : String(index)), nodeSha256));
      }
      expect(changed.root()).not.toEqual(whole.root());
    }),
    { numRuns: few ? 20 : 100 },
  );
});
