import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempFolder } from '@countersign/testing';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { lineDiff } from './line-diff.ts';

it('shows what changed with its surroundings, in hunks', () => {
  const lines = Array.from({ length: 30 }, (_, index) => `line ${index}`);
  const after = lines.with(2, 'two').toSpliced(20, 1).concat('end');
  expect(lineDiff('p', `${lines.join('\n')}\n`, `${after.join('\n')}\n`)).toBe(
    [
      ...[
        '--- p',
        '+++ p',
        '@@ -1,6 +1,6 @@',
        ' line 0',
        ' line 1',
        '-line 2',
        '+two',
        ' line 3',
        ' line 4',
        ' line 5',
      ],
      ...['@@ -18,7 +18,6 @@', ' line 17', ' line 18', ' line 19', '-line 20', ' line 21', ' line 22', ' line 23'],
      ...['@@ -28,3 +27,4 @@', ' line 27', ' line 28', ' line 29', '+end', ''],
    ].join('\n'),
  );
});

it('is empty for equal texts', () => {
  expect(lineDiff('p', 'a\nb\n', 'a\nb\n')).toBe('');
  expect(lineDiff('p', '', '')).toBe('');
});

it('is what patch takes: it makes the second text of the first', () => {
  const folder = tempFolder();
  const file = join(folder, 'text');
  const text = fc
    .array(fc.constantFrom('a', 'b', 'c', '', '-x', '+y'), { minLength: 1, maxLength: 20 })
    .map((lines) => `${lines.join('\n')}\n`);
  fc.assert(
    fc.property(text, text, (before, after) => {
      const patch = lineDiff('text', before, after);
      if (before === after) return;
      writeFileSync(file, before);
      execFileSync('git', ['apply', '--unidiff-zero', '-p0', '--whitespace=nowarn', '-'], {
        cwd: folder,
        input: patch,
        stdio: ['pipe', 'ignore', 'pipe'],
      });
      expect(readFileSync(file, 'utf8')).toBe(after);
    }),
    { numRuns: 60 },
  );
});
