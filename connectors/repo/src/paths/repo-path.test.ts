import { posix } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parentsOf, pathProblem } from './repo-path.ts';

const refused = [
  '',
  '/',
  '/etc/passwd',
  'a/',
  'a//b',
  '.',
  './a',
  'a/..',
  '../a',
  'a/../b',
  'a\\b',
  'C:/x',
  '.git',
  '.git/config',
  'a/.git/hooks/post-commit',
  '.GIT/config',
  '.Git',
  '.g\u200cit/config',
  '\u200d.git',
  '.git\ufeff',
  '.git.',
  '.git ',
  '.git. . ',
  '.git::$INDEX_ALLOCATION',
  'git~1',
  'GIT~12/config',
  '\uff0egit',
  'a\0b',
  'a\nb',
  'a\u001b[2Jb',
  'a\u202etxt.exe',
  'a\u2028b',
  'a./b',
  'a /b',
  '-rf',
  'a/\ud800',
  'x'.repeat(256),
  `${'x/'.repeat(600)}x`,
];
const accepted = [
  'a',
  '.gitignore',
  '.github/workflows/ci.yml',
  'git',
  'a b/c d',
  'größe/ü.txt',
  'a/-b',
  '...a',
  '文.md',
  "it's*[x]?",
];

it.each(refused.map((path) => [path]))('refuses %j', (path) => {
  expect(pathProblem(path)).toBeTypeOf('string');
});

it.each(accepted.map((path) => [path]))('takes %j', (path) => {
  expect(pathProblem(path)).toBeUndefined();
});

it('names the folders above', () => {
  expect(parentsOf('a/b/c')).toEqual(['a', 'a/b']);
  expect(parentsOf('a')).toEqual([]);
});

const pieces = fc.constantFrom(
  'a',
  'B',
  '.',
  '..',
  '/',
  '\\',
  '.git',
  'GIT',
  'git~1',
  '.g',
  'it',
  '\u200c',
  '\ufeff',
  ' ',
  ':',
  '\0',
  '\n',
  '~',
  '1',
  '\u017f',
  '\uff47',
);

it('whatever it takes stays below the root and outside every spelling of .git', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.array(pieces, { maxLength: 8 }).map((parts) => parts.join('')),
        fc.string({ unit: 'binary', maxLength: 40 }),
      ),
      (path) => {
        if (pathProblem(path) !== undefined) return;
        expect(posix.normalize(path)).toBe(path);
        expect(posix.resolve('/root', path).startsWith('/root/')).toBe(true);
        for (const name of path.split('/')) {
          // What a case-folding file system that drops invisible characters, streams and trailing dots would open.
          const opened = name
            .normalize('NFKC')
            .replace(/[\p{Cf}\p{Cc}]/gu, '')
            .split(':')[0]
            ?.replace(/[. ]+$/, '')
            .toUpperCase();
          expect(['.GIT', 'GIT~1', '.', '..']).not.toContain(opened);
          expect(name).not.toBe('');
        }
      },
    ),
    { numRuns: 5000 },
  );
});
