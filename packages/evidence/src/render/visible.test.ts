import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unvisible, unvisibleLine, visible, visibleLine } from './visible.ts';

const seed = 20_261_121;
// Under mutation every mutant runs this again: a part has to do, the planes up to emoji and a step through the rest.
const few = process.env['COUNTERSIGN_MUTATION'] !== undefined;

describe('visible', () => {
  it('leaves ordinary text, newline and tab alone', () => {
    const text = 'naïve 漢字 🙂\n\tC:\\temp\\x \\\\server "\\n" {"a":1} u{202E}';
    expect(visible(text)).toBe(text);
  });

  it.each([
    ['\u202Eexe.txt', '\\u{202E}exe.txt'],
    ['a\rb\r\n', 'a\\rb\\r\n'],
    ['\u200B\u2066\u200F\u061C\uFEFF', '\\u{200B}\\u{2066}\\u{200F}\\u{061C}\\u{FEFF}'],
    ['\u{E0041}', '\\u{E0041}'],
    ['\uD800x\uDC00', '\\u{D800}x\\u{DC00}'],
    ['\0\x1b[2J\x7f', '\\u{0000}\\u{001B}[2J\\u{007F}'],
    ['\\u{202E}', '\\u{005C}u{202E}'],
    ['C:\\repo', 'C:\\u{005C}repo'],
    ['\\\r', '\\\\r'],
    ['\u2028\u00A0', '\\u{2028}\\u{00A0}'],
  ])('writes %j as %j', (text, shown) => {
    expect(visible(text)).toBe(shown);
    expect(unvisible(shown)).toBe(text);
  });

  it.each([
    ['\n', '\\n'],
    ['\t', '\\t'],
    ['\r', '\\r'],
    ['\\n', '\\u{005C}n'],
    ['\\t', '\\u{005C}t'],
    ['\\x', '\\x'],
    ['\u{10FFFF}', '\\u{10FFFF}'],
  ])('writes %j on one line as %j', (text, shown) => {
    expect(visibleLine(text)).toBe(shown);
    expect(unvisibleLine(shown)).toBe(text);
  });

  it('shows every code point, and every lone surrogate, so that it can be read back', () => {
    const deceptive = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]|(?! )\p{Zs}/u;
    const wrong: number[] = [];
    for (let codePoint = 0; codePoint <= 0x10ffff; codePoint += few && codePoint >= 0x300 ? 61 : 1) {
      const character = String.fromCodePoint(codePoint);
      const shown = visible(character);
      const hides = deceptive.test(shown.replace(/[\n\t]/g, ''));
      if (
        hides ||
        unvisible(shown) !== character ||
        /[^ -~]/.test(visibleLine(character)) !== (shown === character && codePoint > 0x7e)
      ) {
        wrong.push(codePoint);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('is injective: random text comes back equal, on one line too', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        '\\',
        '\\u',
        '\\u{',
        '202E',
        '}',
        '\\u{202E}',
        '\\u{5C}',
        'r',
        'n',
        't',
        '\r',
        '\n',
        '\t',
        '\u202E',
      ),
      // The table behind `binary` costs more to build than all the rest.
      fc.string({ unit: few ? 'binary-ascii' : 'binary' }),
      fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
    );
    const texts = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));
    const property = fc.property(texts, (text) => {
      expect(unvisible(visible(text))).toBe(text);
      expect(unvisibleLine(visibleLine(text))).toBe(text);
      expect(visibleLine(text)).not.toMatch(/[\r\n\t]/);
      expect(visible(text)).not.toMatch(/[\p{Cf}\p{Cs}\r]/u);
    });
    fc.assert(property, { seed, numRuns: few ? 100 : 5_000 });
  });
});
