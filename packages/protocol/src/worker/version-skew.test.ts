import fc from 'fast-check';
import { expect, it } from 'vitest';
import { versionSkew } from './version-skew.ts';

it.each([
  ['0.1.0', '0.1.0', 'same'],
  ['0.1.0', '0.1.1', 'older'],
  ['0.9.0', '0.10.0', 'older'],
  ['1.0.0', '0.99.99', 'newer'],
  ['1.2.3-rc.1', '1.2.3', 'same'],
  ['dev', '1.2.3', 'unknown'],
  ['1.2', '1.2.0', 'unknown'],
])('%s beside %s is %s', (worker, server, skew) => {
  expect(versionSkew(worker, server)).toBe(skew);
});

it('what is older one way is newer the other', () => {
  const version = fc.tuple(fc.nat(20), fc.nat(20), fc.nat(20)).map((parts) => parts.join('.'));
  const turned = { same: 'same', older: 'newer', newer: 'older', unknown: 'unknown' };
  fc.assert(fc.property(version, version, (a, b) => turned[versionSkew(a, b)] === versionSkew(b, a)));
});
