import { execFileSync } from 'node:child_process';
import { posix } from 'node:path';
import { bundlePaths } from '@countersign/evidence';
import { makeTempFolder } from '@countersign/testing';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { makeAllowlist } from '../../connectors/repo/src/paths/allowlist.ts';
import { pathProblem } from '../../connectors/repo/src/paths/repo-path.ts';
import { diffPath } from '../../packages/evidence/src/bundle/bundle-paths.ts';
import { fuzz, must, timeout } from './fuzz.ts';

const piece = fc.constantFrom(
  ...['a', 'B', 'src', '.', '..', '/', '//', '\\', '.git', '.GIT', 'GIT', 'git~1', 'GIT~2', '.g', 'it', '.gi\u200ct'],
  ...[
    '\u200c',
    '\u200d',
    '\ufeff',
    '\u202e',
    '\u00ad',
    ' ',
    ':',
    '::$INDEX_ALLOCATION',
    '\0',
    '\n',
    '\r',
    '~',
    '1',
    '-',
  ],
  ...[
    '\u017f',
    '\uff47',
    '\uff0e',
    'ﬁ',
    'C:',
    'con',
    'é',
    'e\u0301',
    '*',
    '?',
    '\u2028',
    '\u0130',
    'ı',
    '$',
    '.git ',
    '.git.',
  ],
);
const path = fc.oneof(
  { arbitrary: fc.array(piece, { maxLength: 8 }).map((parts) => parts.join('')), weight: 4 },
  { arbitrary: fc.string({ unit: 'binary', maxLength: 24 }), weight: 1 },
  {
    arbitrary: fc
      .array(fc.constantFrom('a', 'b.md', 'src', 'secrets', 'x y'), { minLength: 1, maxLength: 5 })
      .map((names) => names.join('/')),
    weight: 2,
  },
);

// After git's utf8.c (next_hfs_char, is_hfs_dot_generic) and path.c (is_ntfs_dotgit), and a little more careful.
const hfsIgnored = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g;
function isDotGit(name: string): boolean {
  const onHfs = name.replace(hfsIgnored, '').normalize('NFD').toLowerCase() === '.git';
  const onNtfs = /^(?:\.git|git~\d)[ .]*(?:$|:|\\)/i.test(name);
  return onHfs || onNtfs;
}

/** Globs matched name by name, as simply as can be. */
function naiveGlob(glob: readonly string[], names: readonly string[]): boolean {
  const [part, ...rest] = glob;
  if (part === undefined) return names.length === 0;
  if (part === '**') {
    if (rest.length === 0) return true;
    return names.some((_, at) => naiveGlob(rest, names.slice(at))) || naiveGlob(rest, []);
  }
  const [name, ...others] = names;
  return name !== undefined && naiveName([...part], [...name]) && naiveGlob(rest, others);
}
function naiveName(glob: readonly string[], name: readonly string[]): boolean {
  const [letter, ...rest] = glob;
  if (letter === undefined) return name.length === 0;
  if (letter === '*') return naiveName(rest, name) || (name.length > 0 && naiveName(glob, name.slice(1)));
  return name.length > 0 && (letter === '?' || letter === name[0]) && naiveName(rest, name.slice(1));
}

const globPart = fc.constantFrom(
  '**',
  '*',
  'a',
  'a*',
  '?',
  'src',
  'S?c',
  '*.md',
  'b.*',
  'x*y',
  '***',
  '[a]',
  '(a|b)',
  'secrets',
);
const glob = fc.array(globPart, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));

it('a path that is taken is below the root and no spelling of .git; globs mean what they say', {
  timeout,
}, async () => {
  const taken = new Set<string>();
  const cases = fc.record({ path, glob, deny: glob, index: fc.nat({ max: 20_000 }) });
  await fuzz('path', cases, ({ path: given, glob: allow, deny, index }) => {
    if (pathProblem(given) === undefined) {
      must(posix.normalize(given) === given, 'it is normal');
      must(posix.resolve('/root', given) === `/root/${given}`, 'it is below the root');
      must(!/[\0\r\n\\]|^-/.test(given), 'it holds nothing that breaks a line or a command');
      const names = given.split('/');
      must(!names.some((name) => name === '' || name === '.' || name === '..' || isDotGit(name)), 'it names no .git');
      if (taken.size < 3000) taken.add(given);
    }
    const names = given.split('/');
    // A path with an empty part names nothing.
    if (!names.includes('') && given.isWellFormed()) {
      must(
        makeAllowlist([allow], []).allows(given) === naiveGlob(allow.split('/'), names),
        'the glob means what it says',
      );
      const denied = naiveGlob(deny.toLowerCase().split('/'), given.toLowerCase().split('/'));
      // Only letters that fold to themselves one by one are compared with the naive way.
      if (/^[ -~]*$/.test(given))
        must(makeAllowlist(['**'], [deny]).allows(given) === !denied, 'what is denied is not allowed');
    }
    const kept = diffPath({ step: 0, path: given, summary: '', patch: '' }, index);
    must(/^diffs\/\d{4,5}-[a-z0-9]+(?:-[a-z0-9]+)*\.patch$/.test(kept), 'the path in a bundle is made anew');
    must(!Object.values<string>(bundlePaths).includes(kept), 'no diff stands where another file does');
  });
  expect(taken.size).toBeGreaterThan(100);
  // Everything that is taken here git takes too, with the checks of every file system on.
  using folder = makeTempFolder();
  const git = (...args: string[]) => execFileSync('git', args, { cwd: folder.path, encoding: 'utf8' });
  git('init', '--quiet');
  const blob = execFileSync('git', ['hash-object', '-w', '--stdin'], {
    cwd: folder.path,
    input: 'x',
    encoding: 'utf8',
  }).trim();
  // A folder and a file of one name cannot stand side by side.
  const flat = [...taken].filter((one) => ![...taken].some((other) => other.startsWith(`${one}/`)));
  const listing = flat.map((one) => `100644 ${blob}\t${one}\0`).join('');
  execFileSync(
    'git',
    ['-c', 'core.protectNTFS=true', '-c', 'core.protectHFS=true', 'update-index', '--add', '-z', '--index-info'],
    { cwd: folder.path, input: listing },
  );
  expect(git('ls-files', '-z').split('\0').filter(Boolean).sort()).toEqual([...flat].sort());
});
