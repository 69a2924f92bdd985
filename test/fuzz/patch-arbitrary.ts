import fc from 'fast-check';
import type { PatchFile, PatchHunk, PatchLine } from '../../connectors/repo/src/patch/patch.ts';

const lineText = fc.oneof(
  fc.constantFrom(
    '',
    'a',
    'x y',
    '-- b',
    '++ c',
    '@@ -1 +1 @@',
    'diff --git a/x b/x',
    '\\ No newline',
    '\t',
    '\r',
    '\xff\xfe',
  ),
  fc.string({ maxLength: 12 }).map((text) => Buffer.from(text.replaceAll('\n', ''), 'utf8').toString('latin1')),
);
const line = fc
  .record({
    kind: fc.constantFrom('context', 'add', 'remove'),
    text: lineText,
    incomplete: fc.constant(false),
  })
  .map((made): PatchLine => ({ ...made }));

const count = (lines: readonly PatchLine[], other: PatchLine['kind']): number =>
  lines.filter(({ kind }) => kind !== other).length;

/** Hunks one after the other, with numbers that fit. */
function numbered(groups: readonly { gap: number; lines: readonly PatchLine[] }[]): PatchHunk[] {
  let oldAt = 1;
  let newAt = 1;
  return groups.flatMap(({ gap, lines }) => {
    if (!lines.some(({ kind }) => kind !== 'context')) return [];
    const [oldLines, newLines] = [count(lines, 'add'), count(lines, 'remove')];
    oldAt += gap;
    newAt += gap;
    // A side without lines is told by the line before it.
    const hunk = {
      oldStart: oldLines === 0 ? oldAt - 1 : oldAt,
      oldLines,
      newStart: newLines === 0 ? newAt - 1 : newAt,
      newLines,
      section: '',
      lines,
    };
    oldAt += oldLines;
    newAt += newLines;
    return [hunk];
  });
}

const hunks = fc
  .array(fc.record({ gap: fc.integer({ min: 1, max: 9 }), lines: fc.array(line, { minLength: 1, maxLength: 5 }) }), {
    maxLength: 3,
  })
  .map(numbered);
const whole = (kind: 'add' | 'remove') =>
  fc.array(lineText, { minLength: 1, maxLength: 4 }).map((texts): PatchHunk[] => {
    const lines = texts.map((text): PatchLine => ({ kind, text, incomplete: false }));
    const [oldLines, newLines] = kind === 'add' ? [0, lines.length] : [lines.length, 0];
    const [oldStart, newStart] = kind === 'add' ? [0, 1] : [1, 0];
    return [{ oldStart, oldLines, newStart, newLines, section: '', lines }];
  });

const name = fc
  .array(fc.constantFrom('a', 'b.txt', 'x y', 'é', 'q"t', 'back\\slash', '-d', 'tab\tbed', ' b/c', 'zz'), {
    minLength: 1,
    maxLength: 3,
  })
  .map((names) => names.join('/'));
const mode = fc.constantFrom('100644', '100755');

function file(kind: PatchFile['kind'], path: string, more: string): fc.Arbitrary<PatchFile> {
  const none = { binary: undefined };
  if (kind === 'create') {
    return fc.record({ hunks: whole('add'), newMode: mode }).map(({ hunks: made, newMode }) => ({
      ...{ kind, oldPath: null, newPath: path, oldMode: undefined, newMode, hunks: made },
      ...none,
    }));
  }
  if (kind === 'delete') {
    return fc.record({ hunks: whole('remove'), oldMode: mode }).map(({ hunks: gone, oldMode }) => ({
      ...{ kind, oldPath: path, newPath: null, oldMode, newMode: undefined, hunks: gone },
      ...none,
    }));
  }
  return fc.record({ hunks, changes: fc.boolean(), oldMode: mode }).map(({ hunks: made, changes, oldMode }) => {
    const other = oldMode === '100644' ? '100755' : '100644';
    // A patch that changes nothing at all is none.
    const moded = changes || (kind === 'modify' && made.length === 0);
    return {
      kind,
      oldPath: kind === 'modify' ? path : more,
      newPath: path,
      oldMode: moded ? oldMode : undefined,
      newMode: moded ? other : undefined,
      hunks: made,
      ...none,
    };
  });
}

const kinds = fc.constantFrom<PatchFile['kind'][]>('modify', 'modify', 'create', 'delete', 'rename', 'copy');

/** Whole patches as git could have made them: each file once, counts that fit, every kind. */
export const patchFiles: fc.Arbitrary<PatchFile[]> = fc
  .uniqueArray(fc.record({ kind: kinds, path: name, more: name }), {
    minLength: 1,
    maxLength: 3,
    selector: ({ path }) => path,
  })
  .chain((files) => fc.tuple(...files.map(({ kind, path, more }, at) => file(kind, path, `from-${at}/${more}`))));
