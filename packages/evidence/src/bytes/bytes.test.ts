import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromBase64, toBase64 } from './base64.ts';
import { concatBytes, equalBytes } from './bytes.ts';
import { fromHex, toHex } from './hex.ts';
import { fromUtf8, utf8 } from './utf8.ts';

const runs = { seed: 20_261_121, numRuns: 500 };

describe('base64 and hex', () => {
  it('agree with Node in both directions', () => {
    const property = fc.property(fc.uint8Array({ maxLength: 70 }), (bytes) => {
      expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'));
      expect(fromBase64(toBase64(bytes))).toEqual(bytes);
      expect(toHex(bytes)).toBe(Buffer.from(bytes).toString('hex'));
      expect(fromHex(toHex(bytes))).toEqual(bytes);
    });
    fc.assert(property, runs);
  });

  it.each(['QQ', 'QQ=', 'QQ= ', 'QR==', 'QUF=', 'Q===', '====', 'Q-==', 'QQ==\n', 'QQ==QQ=='])('refuses %j', (text) => {
    expect(fromBase64(text)).toBeNull();
  });

  it.each([
    '=',
    '==',
    '===',
    'A',
    'AA',
    'AAA',
    'AAAAA',
    '*AAA',
    'AAA*',
    'AAA\n',
    '\nAAA',
    ' AAA',
    'AA=A',
    'ＡAAA',
    '-_-_',
  ])('refuses the letters %j', (text) => {
    expect(fromBase64(text)).toBeNull();
  });

  it('read from any text only what they write', () => {
    const letters = fc.string({
      unit: fc.constantFrom('A', 'Q', 'z', '9', '+', '/', '=', '-', '\n', '\uD800'),
      maxLength: 9,
    });
    const property = fc.property(letters, (text) => {
      const bytes = fromBase64(text);
      const known = Buffer.from(text, 'base64');
      expect(bytes === null ? null : Buffer.from(bytes)).toEqual(known.toString('base64') === text ? known : null);
    });
    fc.assert(property, { ...runs, numRuns: 2_000 });
  });

  it.each(['a', 'AB', '0g', '0x', '/0', '0/', ':0', '0:', '`0', '0`', 'g0', '@0', ' 0', '000', '-1'])(
    'refuses the hex %j',
    (text) => {
      expect(() => fromHex(text)).toThrow(new TypeError('expected an even number of lower-case hex digits'));
    },
  );
});

describe('UTF-8', () => {
  it('is read strictly and keeps a byte order mark', () => {
    expect(fromUtf8(utf8('\uFEFFü🙂'))).toBe('\uFEFFü🙂');
    expect(fromUtf8(new Uint8Array([0xc0, 0x80]))).toBeNull();
    expect(fromUtf8(new Uint8Array([0xed, 0xa0, 0x80]))).toBeNull();
  });
});

describe('bytes', () => {
  const [none, one, two] = [new Uint8Array(), new Uint8Array([1]), new Uint8Array([2, 3])];

  it('are joined in order into a new array', () => {
    expect(concatBytes()).toEqual(none);
    expect(concatBytes(two, none, one, two)).toEqual(new Uint8Array([2, 3, 1, 2, 3]));
    const joined = concatBytes(two);
    joined[0] = 9;
    expect(two).toEqual(new Uint8Array([2, 3]));
  });

  it('are equal when all of them are', () => {
    expect(equalBytes(none, new Uint8Array())).toBe(true);
    expect(equalBytes(two, new Uint8Array([2, 3]))).toBe(true);
    for (const other of [
      none,
      one,
      new Uint8Array([2]),
      new Uint8Array([2, 4]),
      new Uint8Array([4, 3]),
      new Uint8Array([2, 3, 0]),
    ]) {
      expect(equalBytes(two, other)).toBe(false);
      expect(equalBytes(other, two)).toBe(false);
    }
  });
});
