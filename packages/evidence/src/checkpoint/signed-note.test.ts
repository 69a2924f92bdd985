import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import vectors from '../../vectors/checkpoint.json' with { type: 'json' };
import { parseDecimal } from './checkpoint.ts';
import { claimsKey, formatNote, isNoteName, parseNote } from './signed-note.ts';

const line = '— n AAAAAAA=\n';

describe('parseNote', () => {
  it('takes the least and the most a note can be', () => {
    const signature = { name: 'n', keyId: new Uint8Array(4), signature: new Uint8Array(1) };
    expect(parseNote(`\n\n${line}`)).toEqual({ ok: true, value: { text: '\n', signatures: [signature] } });
    expect(parseNote(`a\n\nb\n\n${line.repeat(16)}`)).toEqual({
      ok: true,
      value: { text: 'a\n\nb\n', signatures: new Array(16).fill(signature) },
    });
    expect(parseNote(`a\n\n${line.repeat(17)}`)).toEqual({ ok: false, reason: 'more than 16 signatures' });
    expect(parseNote(`a\n${line}`)).toEqual({ ok: false, reason: 'no blank line before the signatures' });
    expect(parseNote(`a\u0085\n\n${line}`)).toEqual({ ok: false, reason: 'a control character or broken text' });
  });

  it('reads only what formatNote would write again byte for byte', () => {
    const { note } = vectors;
    const letters = fc.constantFrom('\n', '\n\n', ' ', '—', '=', 'A', '+', '\t', '\uD800', '');
    let read = 0;
    const property = fc.property(fc.nat({ max: note.length }), fc.nat({ max: 2 }), letters, (at, gone, letter) => {
      const changed = note.slice(0, at) + letter + note.slice(at + gone);
      const parsed = parseNote(changed);
      if (!parsed.ok) return;
      read += 1;
      expect(formatNote(parsed.value)).toBe(changed);
    });
    fc.assert(property, { seed: 20_261_121, numRuns: 500 });
    expect(read).toBeGreaterThan(20);
  });
});

it('claimsKey asks for the name and the first four bytes of the hash', () => {
  const note = { name: 'n', keyId: new Uint8Array([1, 2, 3, 4]), signature: new Uint8Array(64) };
  const hash = new Uint8Array(32).fill(9);
  hash.set([1, 2, 3, 4]);
  expect(claimsKey(note, 'n', hash)).toBe(true);
  expect(claimsKey(note, 'm', hash)).toBe(false);
  expect(claimsKey(note, 'n', hash.fill(9, 3, 4))).toBe(false);
});

it.each([
  ['n', true],
  ['countersign/ü-🙂', true],
  ['', false],
  [' ', false],
  ['a b', false],
  ['a+b', false],
  ['a\u0007b', false],
  ['a\uDC00', false],
])('isNoteName(%j) is %s', (name, expected) => {
  expect(isNoteName(name)).toBe(expected);
});

it.each([
  ['0', 0],
  ['9', 9],
  ['10', 10],
  ['9007199254740991', 2 ** 53 - 1],
  ['9007199254740992', null],
  ['10000000000000000', null],
  ['', null],
  ['00', null],
  ['01', null],
  ['-1', null],
  ['+1', null],
  ['1.0', null],
  ['1e3', null],
  ['0x1', null],
  [' 1', null],
  ['1 ', null],
  ['1\n', null],
  ['x1', null],
])('parseDecimal(%j) is %s', (text, expected) => {
  expect(parseDecimal(text)).toBe(expected);
});
