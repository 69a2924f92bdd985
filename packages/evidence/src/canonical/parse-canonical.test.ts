import { DsseEnvelope, JsonValue } from '@countersign/protocol';
import { describe, expect, it } from 'vitest';
import { utf8 } from '../bytes/utf8.ts';
import { parseCanonical } from './parse-canonical.ts';

describe('parseCanonical', () => {
  it('reads what is canonical', () => {
    expect(parseCanonical(utf8('{"a":[1,"ü"]}'), JsonValue)).toEqual({ ok: true, value: { a: [1, 'ü'] } });
  });

  it('counts nesting, not brackets: in a row or inside a string they are welcome', () => {
    const row = JSON.stringify(Array.from({ length: 300 }, () => [{}]));
    const quoted = JSON.stringify(['\\"[{'.repeat(300), 'x']);
    const deepest = `${'['.repeat(200)}${']'.repeat(200)}`;
    for (const text of [row, quoted, deepest]) expect(parseCanonical(utf8(text), JsonValue).ok).toBe(true);
    expect(parseCanonical(utf8(`[${deepest}]`), JsonValue)).toEqual({ ok: false, reason: 'nested deeper than 200' });
  });

  it.each([
    ['lists', '[', ']'],
    ['lists behind a value', '[1,', ']'],
    ['lists behind a list', '[[],', ']'],
    ['objects', '{"a":', '}'],
    ['objects behind an object', '{"a":{},"b":', '}'],
    ['strings of one letter', '["x",', ']'],
    ['strings of two letters', '["xy",', ']'],
    ['strings with an escape', '["\\\\","\\"",', ']'],
    ['strings that close lists', '["]]",', ']'],
    ['strings that close objects', '["}}",', ']'],
  ])('stops at 201 %s', (_, open, close) => {
    const nested = (depth: number) => utf8(`${open.repeat(depth - 1)}[]${close.repeat(depth - 1)}`);
    expect(parseCanonical(nested(199), JsonValue).ok).toBe(true);
    expect(parseCanonical(nested(201), JsonValue)).toEqual({ ok: false, reason: 'nested deeper than 200' });
  });

  it('says the first reason of a schema, and where', () => {
    const refusing = (issues: { path: PropertyKey[]; message: string }[]) => ({
      safeParse: () => ({ success: false as const, error: { issues } }),
    });
    const found = [
      { path: ['a', 0, 'b'], message: 'wrong' },
      { path: [], message: 'also wrong' },
    ];
    const reason = 'not of its schema at /a/0/b: wrong';
    expect(parseCanonical(utf8('1'), refusing(found))).toEqual({ ok: false, reason });
    expect(parseCanonical(utf8('1'), refusing([]))).toEqual({
      ok: false,
      reason: 'not of its schema at /: no reason',
    });
  });

  it('does not take what breaks in a schema for broken bytes', () => {
    const breaking = {
      safeParse: () => ({
        success: true as const,
        data: {
          get broken(): never {
            throw new RangeError('broken');
          },
        },
      }),
    };
    expect(() => parseCanonical(utf8('{}'), breaking)).toThrow(new RangeError('broken'));
  });

  it.each([
    ['white space', '{"a": 1}', 'not canonical JSON'],
    ['a trailing newline', '{"a":1}\n', 'not canonical JSON'],
    ['another order', '{"b":1,"a":2}', 'not canonical JSON'],
    ['a key twice', '{"a":1,"a":2}', 'not canonical JSON'],
    ['a needless escape', '["\\u0061"]', 'not canonical JSON'],
    ['an escaped lone surrogate', '["\\ud800"]', 'not canonical JSON'],
    ['another spelling of a number', '[1.0]', 'not canonical JSON'],
    ['negative zero', '[-0]', 'not canonical JSON'],
    ['a byte order mark', '\uFEFF[]', 'not JSON'],
    ['nothing', '', 'not JSON'],
    ['deep nesting', '['.repeat(100_000), 'nested deeper than 200'],
    ['a prototype key', '{"__proto__":{"a":1}}', 'not canonical JSON'],
  ])('refuses %s', (_, text, reason) => {
    expect(parseCanonical(utf8(text), JsonValue)).toEqual({ ok: false, reason });
  });

  it('refuses what is not UTF-8 and what is not of the schema', () => {
    expect(parseCanonical(new Uint8Array([0x22, 0xff, 0x22]), JsonValue)).toEqual({ ok: false, reason: 'not UTF-8' });
    const parsed = parseCanonical(utf8('{"payload":1}'), DsseEnvelope);
    expect(parsed.ok ? '' : parsed.reason).toMatch(/^not of its schema at \/payload/);
  });
});
