import fc from 'fast-check';
import { expect, it } from 'vitest';
import { tokenise } from './tokenise.ts';

const told = (prompt: string) => tokenise(prompt).map(({ kind, text }) => [kind, text]);

it.each<[string, string[][]]>([
  [
    'restart web, please.',
    [
      ['word', 'restart'],
      ['word', 'web'],
      ['pause', ','],
      ['word', 'please'],
      ['stop', '.'],
    ],
  ],
  [
    'app.conf v1.2.0 a/b',
    [
      ['word', 'app.conf'],
      ['word', 'v1.2.0'],
      ['word', 'a/b'],
    ],
  ],
  [
    "don't touch mailhog's log",
    [
      ['word', "don't"],
      ['word', 'touch'],
      ['word', 'mailhog'],
      ['word', 'log'],
    ],
  ],
  [
    '"a \\"b\\" c" \'d e\' «f»',
    [
      ['quoted', 'a "b" c'],
      ['quoted', 'd e'],
      ['quoted', 'f'],
    ],
  ],
  ['```diff\n-a\n+b\n```', [['quoted', '-a\n+b\n']]],
  [
    '-5 20',
    [
      ['number', '-5'],
      ['number', '20'],
    ],
  ],
  [
    '¿qué?',
    [
      ['word', 'qué'],
      ['stop', '?'],
    ],
  ],
  [
    'a "b',
    [
      ['word', 'a'],
      ['symbol', '"'],
      ['word', 'b'],
    ],
  ],
  [
    'x && $(y)',
    [
      ['word', 'x'],
      ['symbol', '&'],
      ['symbol', '&'],
      ['symbol', '$'],
      ['symbol', '('],
      ['word', 'y'],
      ['symbol', ')'],
    ],
  ],
])('cuts %s', (prompt, wanted) => {
  expect(told(prompt)).toEqual(wanted);
});

it('loses no character that is not blank, and never overlaps', () => {
  const piece = fc.oneof(
    fc.string({ maxLength: 12 }),
    fc.constantFrom('"', "'", '```', ' ', '.', ',', '\\', 'web', '-', '¿', '“'),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const prompt = pieces.join('');
      let at = 0;
      for (const { start, end } of tokenise(prompt)) {
        expect(prompt.slice(at, start)).toMatch(/^[\s¿¡]*$/);
        expect(end).toBeGreaterThan(start);
        at = end;
      }
      expect(prompt.slice(at)).toMatch(/^[\s¿¡]*$/);
    }),
  );
});
