import { expect, it } from 'vitest';
import { makeAllowlist } from './allowlist.ts';

it.each([
  ['**', 'a', true],
  ['**', '.env', true],
  ['**', 'a/b/.c', true],
  ['src/**', 'src/a/b.ts', true],
  ['src/**', 'src', true],
  ['src/**', 'srcs/a', false],
  ['src/**', 'a/src/b', false],
  ['**/*.md', 'README.md', true],
  ['**/*.md', 'docs/a/b.md', true],
  ['**/*.md', 'docs/a.mdx', false],
  ['*.md', 'docs/a.md', false],
  ['src/*/a.ts', 'src/x/a.ts', true],
  ['src/*/a.ts', 'src/x/y/a.ts', false],
  ['src/**/a.ts', 'src/a.ts', true],
  ['**/**', 'a', true],
  ['**/**', 'a/b', true],
  ['src/**/**', 'src/a', true],
  ['**/**/*.md', 'README.md', true],
  ['src/**/a.ts', 'src/x/y/a.ts', true],
  ['a?.txt', 'ab.txt', true],
  ['a?.txt', 'a/.txt', false],
  ['a.txt', 'abtxt', false],
  ['(a|b)+', 'a', false],
  ['[ab].txt', 'a.txt', false],
])('%s on %s is %s', (glob, path, allowed) => {
  expect(makeAllowlist([glob], []).allows(path)).toBe(allowed);
});

it('deny wins, whatever the case', () => {
  const list = makeAllowlist(['**'], ['**/secrets/**', '*.pem']);
  expect(['secrets/a', 'a/Secrets/b', 'secrets', 'KEY.PEM', 'ok/key.pem', 'b'].filter(list.allows)).toEqual([
    'ok/key.pem',
    'b',
  ]);
});
