import { expect, test } from 'vitest';
import { z } from 'zod';
import { json } from './column.ts';
import { TextMemo } from './text-memo.ts';

test('equal texts are decoded once and share one value that nobody can change', () => {
  let decoded = 0;
  const memo = new TextMemo((text) => {
    decoded += 1;
    return JSON.parse(text);
  });
  const value = memo.get('{"a":[{"b":1}]}');
  expect(memo.get('{"a":[{"b":1}]}')).toBe(value);
  expect(decoded).toBe(1);
  expect(() => value.a[0].b++).toThrow(TypeError);
  expect(() => value.a.push(1)).toThrow(TypeError);
});

test('a text that cannot be decoded is refused every time', () => {
  const memo = new TextMemo((text) => z.object({ a: z.int() }).parse(JSON.parse(text)));
  for (const text of ['{', '{"a":1.5}', '{', '{"a":1.5}']) expect(() => memo.get(text)).toThrow();
});

test('long texts are not kept, and what is kept has a bound', () => {
  let decoded = 0;
  const memo = new TextMemo((text) => {
    decoded += 1;
    return text.length;
  });
  const long = 'x'.repeat(40_000);
  memo.get(long);
  expect([memo.get(long), decoded]).toEqual([40_000, 2]);
  for (let index = 0; index < 100; index += 1) memo.get(`${'x'.repeat(30_000)}${index}`);
  decoded = 0;
  memo.get(`${'x'.repeat(30_000)}0`);
  memo.get(`${'x'.repeat(30_000)}99`);
  expect(decoded).toBe(1);
});

test('a column that may be null tells null from the JSON null', () => {
  const column = json(z.json()).nullable();
  expect([column.parse(null), column.parse('null'), column.parse('null')]).toEqual([null, null, null]);
  expect(column.parse('[1]')).toEqual([1]);
});
