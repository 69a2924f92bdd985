import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePatch } from './parse-patch.ts';
import type { PatchFile } from './patch.ts';
import { renderPatch } from './render-patch.ts';

const bytes = (text: string) => Buffer.from(text, 'utf8');

function filesOf(text: string): readonly PatchFile[] {
  const parsed = parsePatch(bytes(text));
  if (!parsed.ok) throw new Error(`line ${parsed.line}: ${parsed.problem}`);
  return parsed.files;
}

const plain = '--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n';
const oid = 'a'.repeat(40);

describe('a patch', () => {
  it.each<[string, string, object[]]>([
    ['plain', plain, [{ kind: 'modify', oldPath: 'x', newPath: 'x', hunks: [{ oldStart: 1, newLines: 1 }] }]],
    ['with a date', plain.replace('--- a/x', '--- a/x\t2026-01-01'), [{ newPath: 'x' }]],
    [
      'in a mail',
      `From: me\nSubject: x\n---\n x | 2 +-\n\ndiff --git a/x b/x\n${plain}-- \n2.39.5\n`,
      [{ newPath: 'x' }],
    ],
    [
      'new',
      'diff --git a/x b/x\nnew file mode 100755\n',
      [{ kind: 'create', oldPath: null, newPath: 'x', newMode: '100755' }],
    ],
    ['gone', 'diff --git a/x b/x\ndeleted file mode 100644\n', [{ kind: 'delete', oldPath: 'x', newPath: null }]],
    ['plainly new', '--- /dev/null\n+++ b/n\n@@ -0,0 +1 @@\n+b\n', [{ kind: 'create', newPath: 'n' }]],
    ['mode', 'diff --git a/c d b/c d\nold mode 100644\nnew mode 100755\n', [{ newPath: 'c d', newMode: '100755' }]],
    [
      'renamed',
      'diff --git a/x b/y\nsimilarity index 100%\nrename from x\nrename to y\n',
      [{ kind: 'rename', oldPath: 'x', newPath: 'y' }],
    ],
    ['quoted', 'diff --git "a/\\303\\274" "b/\\303\\274"\nnew file mode 100644\n', [{ newPath: 'ü' }]],
    [
      'without a last line end',
      `${plain}\\ No newline at end of file`,
      [{ hunks: [{ lines: [{}, { incomplete: true }] }] }],
    ],
    [
      'with carriage returns in the content',
      '--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\r\n+b\r\n',
      [{ hunks: [{ lines: [{ text: 'a\r' }, { text: 'b\r' }] }] }],
    ],
    [
      'binary',
      `diff --git a/x b/x\nindex ${oid}..${oid} 100644\nGIT binary patch\nliteral 1\nIcmZPo000310RR91\n\nliteral 0\nHcmV?d00001\n\n`,
      [{ binary: { forward: { method: 'literal', sizeBytes: 1 }, backward: { sizeBytes: 0 } } }],
    ],
  ])('is read: %s', (_what, text, files) => {
    expect(filesOf(text)).toMatchObject(files);
    expect(filesOf(Buffer.from(renderPatch(filesOf(text))).toString('utf8'))).toEqual(filesOf(text));
  });

  it.each<[string, string, number, RegExp]>([
    ['nothing', '', 1, /no file/],
    ['a hunk alone', '@@ -1 +1 @@\n-a\n+b\n', 1, /before any file/],
    ['too few lines', '--- a/x\n+++ b/x\n@@ -1,3 +1 @@\n-a\n+b\n', 6, /other lines|too early|fewer/],
    ['too many lines', `${plain}+c\n`, 6, /belongs to no hunk/],
    ['no change', '--- a/x\n+++ b/x\n@@ -1 +1 @@\n a\n', 4, /changes nothing/],
    ['overlap', `${plain}@@ -1 +1 @@\n-b\n+c\n`, 8, /begins before/],
    ['two names', plain.replace('b/x', 'b/y'), 2, /differ/],
    ['no prefix', '--- x\n+++ x\n@@ -1 +1 @@\n-a\n+b\n', 1, /in front/],
    ['a header in CR LF', plain.replaceAll('\n', '\r\n'), 1, /carriage return/],
    ['twice the same', plain + plain, 10, /changed twice/],
    [
      'a binary file without content',
      'diff --git a/x b/x\nindex 1..2\nBinary files a/x and b/x differ\n',
      3,
      /--binary/,
    ],
    ['a merge', 'diff --cc x\n', 1, /merges/],
    ['a name that is not UTF-8', 'diff --git "a/\\377" "b/\\377"\nnew file mode 100644\n', 1, /UTF-8/],
    ['a strange mode', 'diff --git a/x b/x\nnew file mode 100600\n', 2, /no mode/],
    ['half a mode', 'diff --git a/x b/x\nnew mode 100755\n', 2, /belong together/],
  ])('that cannot be read names its line: %s', (_what, text, line, problem) => {
    expect(parsePatch(bytes(text))).toEqual({ ok: false, line, problem: expect.stringMatching(problem) });
  });

  it('refuses two modes on a file that only /dev/null makes new or takes away', () => {
    const header = 'diff --git a/x b/x\nold mode 100644\nnew mode 100755\n';
    for (const names of ['--- /dev/null\n+++ b/x\n', '--- a/x\n+++ /dev/null\n'])
      expect(parsePatch(Buffer.from(header + names))).toMatchObject({ ok: false });
  });

  it('never throws, and what is read stays the same when it is written and read again', () => {
    const piece = fc.constantFrom(
      ...['diff --git a/x b/x\n', '--- a/x\n', '+++ b/x\n', '--- /dev/null\n', '@@ -1 +1 @@\n', '@@ -1,2 +1,2 @@ f\n'],
      ...[
        '-a\n',
        '+b\n',
        ' c\n',
        '\n',
        '\\ No newline at end of file\n',
        'new file mode 100644\n',
        'GIT binary patch\n',
      ],
      ...[
        'rename from x\n',
        'rename to y\n',
        'old mode 100644\n',
        'new mode 100755\n',
        'literal 1\n',
        '"a/\\n"',
        '\xff\n',
      ],
    );
    let read = 0;
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
        const parsed = parsePatch(Buffer.from(pieces.join(''), 'latin1'));
        if (!parsed.ok) return;
        read += 1;
        expect(parsePatch(renderPatch(parsed.files))).toEqual(parsed);
      }),
      { numRuns: 20_000 },
    );
    expect(read).toBeGreaterThan(0);
  });
});
