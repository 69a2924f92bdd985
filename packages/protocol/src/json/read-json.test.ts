import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readJson } from './read-json.ts';

const seed = Number(process.env['COUNTERSIGN_SEED'] ?? 20_261_121);

/** After these, `JSON.parse` of a V8 that has the fault reads escaped names beside the same neighbours as a backslash. */
function poison(neighbour: string): void {
  for (const name of ['\\', '\\u', '\\n', 'a\\']) JSON.parse(JSON.stringify({ [neighbour]: 1, [name]: 2 }));
}

it.each(['"', '\n', '\u0000', 'a"', '\\', 'ä\t', '__proto__'])('reads the member name %j as it is spelled', (name) => {
  for (const neighbour of ['', 'a', 'h']) {
    poison(neighbour);
    const text = `{"${neighbour}":1,${JSON.stringify(name)}:[{"x":"\\""}]}`;
    expect(Object.entries(Object(readJson(text)))).toEqual([
      [neighbour, 1],
      [name, [{ x: '"' }]],
    ]);
  }
});

it('takes names with escapes that need none, white space before the colon, and values that look like names', () => {
  poison('');
  expect(readJson('{"": "a\\":", "\\u0022" \n:{"\\/":["\\":"]},"name-0":0}')).toEqual({
    '': 'a":',
    '"': { '/': ['":'] },
    'name-0': 0,
  });
});

it('keeps a member that is called __proto__ a member', () => {
  const value = Object(readJson('{"\\u005f_proto__":{"a":1},"\\"":1}'));
  expect(Object.keys(value)).toEqual(['__proto__', '"']);
  expect(value.a).toBeUndefined();
});

it('refuses what JSON.parse refuses, and a member with an escaped name that stands twice', () => {
  for (const text of ['', '{', '{"\\"":}', '{"\\x":1}', '{"a\\":1}', '"\\', '{"\\n":1,}', '{"\\"":1} x'])
    expect(() => readJson(text), text).toThrow(SyntaxError);
  expect(() => readJson('{"\\u0061":1,"a":2}')).toThrow('the member "a" stands twice');
});

it(`reads back what is written, whatever was read before (COUNTERSIGN_SEED=${seed})`, () => {
  const text = fc.string({ unit: fc.constantFrom('\\', '"', '\n', 'n', 'a', 'u', '0', '{', ':', ','), maxLength: 4 });
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 3, depthSize: 'small' },
      text,
      fc.integer(),
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.dictionary(text, tie('tree'), { maxKeys: 4, noNullPrototype: true }),
    ),
  }));
  const property = fc.property(tree, fc.constantFrom(undefined, 1), (value, space) => {
    expect(readJson(JSON.stringify(value, null, space))).toEqual(value);
  });
  fc.assert(property, { seed, numRuns: 3000 });
});
