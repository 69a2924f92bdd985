import { expect, it } from 'vitest';
import { testSigner, testTrust } from '../fixture/test-signer.ts';
import { trustedKeyOf } from '../node.ts';
import { keysFor, signsHead, signsLeaf } from './key-window.ts';

const key = trustedKeyOf(testSigner());
const retired = { ...key, from_size: 6, until_size: 20 };
const inForce = { ...key, from_size: 6, until_size: null };
const sizes = [0, 5, 6, 7, 19, 20, 21, Number.MAX_SAFE_INTEGER];

it('a key signs tree heads from its first size to that of its retirement, both included', () => {
  expect(sizes.filter((size) => signsHead(retired, size))).toEqual([6, 7, 19, 20]);
  expect(sizes.filter((size) => signsHead(inForce, size))).toEqual([6, 7, 19, 20, 21, Number.MAX_SAFE_INTEGER]);
});

it("a key signs leaves from its first size up to its retirement: the leaf there is the next key's", () => {
  expect(sizes.filter((index) => signsLeaf(retired, index))).toEqual([6, 7, 19]);
  expect(sizes.filter((index) => signsLeaf(inForce, index))).toEqual([6, 7, 19, 20, 21, Number.MAX_SAFE_INTEGER]);
});

it('of a trust root only the keys of a purpose are left, and everything else', () => {
  const [checkpoint, approval] = (['checkpoint', 'approval'] as const).map((purpose) => ({
    ...trustedKeyOf(testSigner(purpose)),
    purposes: [purpose],
  }));
  const trust = { ...testTrust(), keys: [checkpoint!, key, approval!] };
  expect(keysFor(trust, 'approval')).toEqual({ ...trust, keys: [key, approval] });
  expect(keysFor(trust, 'checkpoint')).toEqual({ ...trust, keys: [checkpoint, key] });
  expect(keysFor(trust, 'evidence')).toEqual({ ...trust, keys: [key] });
});
