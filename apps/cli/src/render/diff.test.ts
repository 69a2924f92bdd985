import picocolors from 'picocolors';
import { expect, test } from 'vitest';
import { sampleOperation, sampleVerdict } from '../fake-console/sample-operation.ts';
import { plainColors } from './colors.ts';
import { renderDiff, renderPatch } from './diff.ts';
import { visibleJson } from './json.ts';
import { displayWidth, renderTable } from './table.ts';
import { renderVerdict } from './verdict.ts';

const colors = picocolors.createColors(true);

test('added, removed and context lines, hunks and file names have their colours', () => {
  const patch =
    'diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@ f()\n a\n--- b\n+++ c\n d\n\\ No newline at end of file\n';
  expect(renderPatch(patch, colors).split('\n')).toEqual([
    colors.bold('diff --git a/x b/x'),
    colors.bold('--- a/x'),
    colors.bold('+++ b/x'),
    colors.cyan('@@ -1,3 +1,3 @@ f()'),
    ' a',
    colors.red('--- b'),
    colors.green('+++ c'),
    ' d',
    '\\ No newline at end of file',
  ]);
});

test('a second file after a whole hunk is a header again', () => {
  const patch = '@@ -1 +1 @@\n-a\n+b\n--- a/y\n+++ b/y\n@@ -0,0 +1 @@\n+c\n';
  const lines = renderPatch(patch, colors).split('\n');
  expect(lines[3]).toBe(colors.bold('--- a/y'));
  expect(lines[6]).toBe(colors.green('+c'));
});

test('without colours the patch is the patch, and nothing in it can move the cursor or hide', () => {
  const patch = '@@ -1 +1 @@\n-a\n+\u001b[2J\u202Eb\r\n';
  expect(renderPatch(patch, plainColors)).toBe('@@ -1 +1 @@\n-a\n+\\u{001B}[2J\\u{202E}b\\r');
  const diff = { step: 0, path: 'a\nb', summary: 's\u001b', patch: '' };
  expect(renderDiff(diff, plainColors)).toBe('a\\nb - s\\u{001B}');
});

test('JSON keeps its value and shows what hides', () => {
  const value = { a: 'x\n\u202E\u{E0041}é"\\n' };
  const shown = visibleJson(value);
  expect(shown).toBe('{"a":"x\\n\\u202e\\udb40\\udc41é\\"\\\\n"}');
  expect(JSON.parse(shown)).toEqual(value);
});

test.each([
  [sampleVerdict('allow'), 'stage: allowed — policy allow-policy'],
  [sampleVerdict('deny'), 'stage: denied — policy deny-policy'],
  [sampleVerdict('needs', [{ kind: 'confirm' }]), 'stage: needs your confirmation — policy needs-policy'],
  [
    sampleVerdict('needs', [{ kind: 'approve', count: 1 }]),
    'stage: needs approval by another person — policy needs-policy',
  ],
  [
    sampleVerdict('needs', [{ kind: 'confirm' }, { kind: 'approve', count: 2 }]),
    'stage: needs your confirmation and approval by 2 other people — policy needs-policy',
  ],
  [
    { ...sampleVerdict('needs', [{ kind: 'approve', count: 1 }]), profile: 'solo' as const },
    'stage: needs 1 approval (solo profile: may be your own) — policy needs-policy',
  ],
  [null, 'stage: no verdict yet'],
])('verdict in words %#', (verdict, text) => {
  expect(renderVerdict(sampleOperation({ verdict }), plainColors)).toBe(text);
});

test('table columns stay aligned with wide characters, and cells are one line', () => {
  const lines = renderTable(
    ['A', 'B'],
    [
      ['日本', 'x'],
      ['a\nb', 'y'],
    ],
    plainColors,
  ).split('\n');
  expect(lines).toEqual(['A     B', '日本  x', 'a\\nb  y']);
  expect(displayWidth('🙂e\u0301')).toBe(3);
});
