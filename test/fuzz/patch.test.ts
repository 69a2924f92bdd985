import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { makeTempFolder } from '@countersign/testing';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parsePatch } from '../../connectors/repo/src/patch/parse-patch.ts';
import { renderPatch } from '../../connectors/repo/src/patch/render-patch.ts';
import { fuzz, must, seed, timeout } from './fuzz.ts';
import { patchFiles } from './patch-arbitrary.ts';

const garbage = fc.oneof(
  fc.uint8Array({ maxLength: 60 }),
  fc
    .array(
      fc.constantFrom(
        ...[
          'diff --git a/x b/x',
          'diff --git "a/x" b/x',
          '--- a/x',
          '+++ b/x',
          '--- /dev/null',
          '+++ /dev/null',
          '@@ -1 +1 @@',
        ],
        ...[
          '@@ -0,0 +1,99999999999999999999 @@',
          '@@ -1,2 +3 @@ f',
          ' a',
          '-a',
          '+b',
          '',
          '\\ No newline at end of file',
          'new mode 1',
        ],
        ...[
          'new file mode 100644',
          'deleted file mode 120000',
          'rename from x',
          'rename to y',
          'copy from "\\377"',
          'index 0..1',
        ],
        ...[
          'GIT binary patch',
          'literal 5',
          'zcmZQz',
          'delta 1',
          'Binary files a and b differ',
          'similarity index 1%',
          '\r',
        ],
      ),
      { maxLength: 14 },
    )
    .map((lines) => Buffer.from(lines.join('\n'), 'latin1')),
);
const spoil = fc.record({ how: fc.integer({ min: 0, max: 4 }), at: fc.nat(), bit: fc.integer({ min: 0, max: 7 }) });

/** One change of a valid patch: a bit, a line dropped, doubled or swapped, an early end. */
function spoilt(bytes: Uint8Array, { how, at, bit }: { how: number; at: number; bit: number }): Uint8Array {
  if (how === 0) return bytes.map((byte, index) => (index === at % bytes.length ? byte ^ (1 << bit) : byte));
  if (how === 1) return bytes.slice(0, at % bytes.length);
  const lines = Buffer.from(bytes).toString('latin1').split('\n');
  const place = at % lines.length;
  const taken = lines[place] ?? '';
  if (how === 2) lines.splice(place, 1);
  else if (how === 3) lines.splice(place, 0, taken);
  else lines.splice(place, 2, lines[place + 1] ?? '', taken);
  return Buffer.from(lines.join('\n'), 'latin1');
}

/** Reads it or says at which line and why it cannot be taken; what is read is written and read again the same. */
function takes(bytes: Uint8Array): void {
  const parsed = parsePatch(bytes);
  if (!parsed.ok) must(parsed.line >= 1 && parsed.problem !== '', 'a refusal names line and problem');
  else {
    const again = parsePatch(renderPatch(parsed.files));
    must(again.ok && isDeepStrictEqual(again.files, parsed.files), 'it is written as it was read');
  }
}

it('valid patches read as what they were made from; whatever else it is given, it answers', { timeout }, async () => {
  await fuzz('patch', fc.record({ files: patchFiles, garbage, spoil }), ({ files, garbage: rubbish, spoil: how }) => {
    const bytes = renderPatch(files);
    const parsed = parsePatch(bytes);
    must(parsed.ok, parsed.ok ? '' : `line ${parsed.line}: ${parsed.problem}`);
    must(parsed.ok && isDeepStrictEqual(parsed.files, files), 'the files are those it was made from');
    takes(spoilt(bytes, how));
    takes(rubbish);
  });
});

const hard: readonly (readonly [string, (size: number) => string])[] = [
  ['spaces in a header', (size) => `diff --git ${'a '.repeat(size / 2)}\n`],
  ['names in a header', (size) => `diff --git ${'a/b '.repeat(size / 4)}\n`],
  ['an open quote', (size) => `diff --git "a/${'\\a'.repeat(size / 2)}\n`],
  ['backslashes', (size) => `--- "a/${'\\'.repeat(size)}\n+++ b/x\n`],
  ['a long line', (size) => `--- a/x\n+++ b/x\n@@ -1 +1 @@\n-${'x'.repeat(size)}\n+y\n`],
  [
    'many files',
    (size) =>
      Array.from(
        { length: size / 64 },
        (_, at) => `diff --git a/${at} b/${at}\nold mode 100644\nnew mode 100755\n`,
      ).join(''),
  ],
  [
    'many hunks',
    (size) =>
      `--- a/x\n+++ b/x\n${Array.from({ length: size / 24 }, (_, at) => `@@ -${at * 2 + 1} +${at * 2 + 1} @@\n-a\n+b\n`).join('')}`,
  ],
  ['text around', (size) => `${'@@@\n--- a\n'.repeat(size / 10)}`],
  ['digits', (size) => `--- a/x\n+++ b/x\n@@ -${'1'.repeat(size)} +1 @@\n`],
  ['empty lines', (size) => `--- a/x\n+++ b/x\n@@ -1 +1 @@\n${'\n'.repeat(size)}`],
];

it.each(hard)('takes linear time on %s', { timeout }, (_, make) => {
  const time = (size: number): number => {
    const bytes = Buffer.from(make(size), 'latin1');
    const started = process.cpuUsage().user;
    parsePatch(bytes);
    return (process.cpuUsage().user - started) / 1000;
  };
  time(2 ** 14);
  const small = Math.max(5, time(2 ** 17));
  // Eight times the size in eight times the time, with room for a collector; the square would be 64 times.
  expect(time(2 ** 20)).toBeLessThan(small * 8 * 4);
});

const content = fc.oneof(
  fc
    .array(fc.constantFrom('a', 'b', 'c', 'é', '', '-- x', '\\ No newline', 'x\r', '\u00ff'), { maxLength: 30 })
    .map((lines) => lines.join('\n')),
  fc.string({ unit: 'binary', maxLength: 40 }),
);
const tree = fc.dictionary(fc.constantFrom('a', 'b/c.txt', 'x y', 'é/ü', 'q"t', 'deep/er/d'), content, {
  minKeys: 1,
  maxKeys: 5,
});

it('reads what git writes, and git applies what is written from it to the same tree', { timeout }, () => {
  using folder = makeTempFolder();
  const git = (input: Uint8Array | null, ...args: string[]) =>
    execFileSync('git', ['-c', 'core.autocrlf=false', ...args], {
      cwd: folder.path,
      env: { PATH: process.env['PATH'], HOME: folder.path, GIT_CONFIG_NOSYSTEM: '1' },
      input: input ?? '',
    });
  git(null, 'init', '--quiet');
  const treeOf = (files: Readonly<Record<string, string>>): string => {
    git(null, 'read-tree', '--empty');
    for (const [path, text] of Object.entries(files)) {
      const place = join(folder.path, 'work', path);
      mkdirSync(dirname(place), { recursive: true });
      writeFileSync(place, text, 'utf8');
    }
    if (Object.keys(files).length > 0) git(null, '--work-tree=work', 'add', '--all', '.');
    rmSync(join(folder.path, 'work'), { recursive: true, force: true });
    return git(null, 'write-tree').toString().trim();
  };
  let applied = 0;
  fc.assert(
    fc.property(tree, tree, fc.boolean(), (before, after, renames) => {
      const [old, wanted] = [treeOf(before), treeOf(after)];
      if (old === wanted) return;
      const found = renames ? ['--find-renames', '--find-copies-harder'] : ['--no-renames'];
      const parsed = parsePatch(git(null, 'diff', '--binary', '--full-index', ...found, old, wanted));
      must(parsed.ok, parsed.ok ? '' : `line ${parsed.line}: ${parsed.problem}`);
      if (!parsed.ok) return;
      git(null, 'read-tree', old);
      git(renderPatch(parsed.files), 'apply', '--cached', '--whitespace=nowarn', '--unidiff-zero', '-');
      must(git(null, 'write-tree').toString().trim() === wanted, 'git makes the wanted tree of it');
      applied += 1;
    }),
    { seed, numRuns: 60 },
  );
  expect(applied).toBeGreaterThan(30);
});
