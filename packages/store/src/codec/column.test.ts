import { expect, test } from 'vitest';
import { z } from 'zod';
import { bytes, flag, json, searchText } from './column.ts';
import { jsonText } from './json-text.ts';

test('JSON text is canonical: sorted by UTF-16, no spaces, undefined members left out', () => {
  expect(jsonText({ b: [1, { z: null, a: '\0' }], a: undefined, '\ud83d\ude00': 1, '\ufb33': 2 })).toBe(
    '{"b":[1,{"a":"\\u0000","z":null}],"\ud83d\ude00":1,"\ufb33":2}',
  );
  expect(jsonText(1e21)).toBe('1e+21');
});

test('a JSON column refuses what does not fit its schema', () => {
  const column = json(z.object({ a: z.number() }));
  expect(column.parse('{"a":1}')).toEqual({ a: 1 });
  expect(() => column.parse('{"a":"1"}')).toThrow();
  expect(() => column.parse('{')).toThrow();
});

test('flags are 0 and 1 only, bytes come out as a plain array of bytes', () => {
  expect([flag.parse(0), flag.parse(1)]).toEqual([false, true]);
  expect(() => flag.parse(2)).toThrow();
  expect(bytes.parse(Buffer.from('ab'))).toStrictEqual(new Uint8Array([97, 98]));
  expect(() => bytes.parse('ab')).toThrow();
});

test('search text holds nothing that Postgres or UTF-8 cannot', () => {
  expect(searchText('a\0b\ud800c')).toBe('a\ufffdb\ufffdc');
});
