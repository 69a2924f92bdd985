import { runInNewContext } from 'node:vm';
import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import vectors from '../../vectors/canonical.json' with { type: 'json' };
import { fromHex, toHex } from '../bytes/hex.ts';
import { canonicalBytes, canonicalJson } from './canonical.ts';

describe('canonicalJson', () => {
  it.each(vectors.documents)('writes the document of $name', ({ input, utf8Hex, values }) => {
    const parsed: unknown = JSON.parse(input);
    if (utf8Hex !== undefined) expect(toHex(canonicalBytes(parsed))).toBe(utf8Hex);
    if (values !== undefined)
      expect(Object.values(JSON.parse(canonicalJson(parsed))).sort()).toEqual([...values].sort());
    // Integer-like keys move to the front of a JavaScript object, so the order is read from the text.
    if (values !== undefined) {
      const places = values.map((value) => canonicalJson(parsed).indexOf(`:${JSON.stringify(value)}`));
      expect(places).toEqual([...places].sort((left, right) => left - right));
    }
  });

  it.each(vectors.numbers)('writes the double %s as %s', (bits, text) => {
    const number = new DataView(fromHex(String(bits)).buffer).getFloat64(0);
    if (text === null) expect(() => canonicalJson(number)).toThrow(TypeError);
    else expect(canonicalJson(number)).toBe(text);
  });

  const cycle: Record<string, unknown> = {};
  cycle['self'] = cycle;
  it.each([
    ['undefined', undefined, 'undefined at the top'],
    ['an undefined member', { a: { b: undefined } }, 'undefined at /a/b'],
    ['a hole', new Array(1), 'undefined at /0'],
    ['a function', { f: () => 1 }, 'function at /f'],
    ['a symbol', [Symbol('s')], 'symbol at /0'],
    ['a symbol key', { [Symbol('s')]: 1 }, 'a symbol key at the top'],
    ['NaN', [Number.NaN], 'the number NaN at /0'],
    ['Infinity', { n: Number.NEGATIVE_INFINITY }, 'the number -Infinity at /n'],
    ['a BigInt', 1n, 'bigint at the top'],
    ['a lone surrogate', { a: '\uD800' }, 'a string with a lone surrogate at /a'],
    ['a lone surrogate in a key', { '\uDC00': 1 }, 'a string with a lone surrogate'],
    ['a Date', { at: new Date(0) }, 'an object that is not plain ([object Date]) at /at'],
    ['a Map', new Map(), 'an object that is not plain ([object Map]) at the top'],
    ['bytes', [new Uint8Array(1)], 'an object that is not plain'],
    ['a boxed string', new String('x'), 'an object that is not plain'],
    ['an instance', new (class Thing {})(), 'an object that is not plain'],
    ['a toJSON method', { toJSON: () => 1 }, 'function at /toJSON'],
    ['a cycle', cycle, 'a cycle at /self'],
  ])('refuses %s', (_, value, message) => {
    expect(() => canonicalJson(value)).toThrow(TypeError);
    expect(() => canonicalJson(value)).toThrow(message);
  });

  it('takes plain objects of another realm and without prototype, and the same object twice', () => {
    expect(canonicalJson(runInNewContext('({ b: [1], a: {} })'))).toBe('{"a":{},"b":[1]}');
    expect(canonicalJson(Object.assign(Object.create(null), { a: 1 }))).toBe('{"a":1}');
    const shared = { x: 1 };
    expect(canonicalJson([shared, shared])).toBe('[{"x":1},{"x":1}]');
  });

  it('writes what another implementation of RFC 8785 writes', () => {
    const property = fc.property(fc.jsonValue(), (value) => {
      expect(canonicalJson(value)).toBe(canonicalize(value));
    });
    fc.assert(property, { seed: 20_261_121, numRuns: 1_000 });
  });

  it('is one form: parsing gives the value back and writing it again the same text', () => {
    const property = fc.property(fc.jsonValue(), (value) => {
      const text = canonicalJson(value);
      expect(canonicalJson(JSON.parse(text))).toBe(text);
      // JSON has one zero.
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
    });
    fc.assert(property, { seed: 20_261_121, numRuns: 1_000 });
  });
});
