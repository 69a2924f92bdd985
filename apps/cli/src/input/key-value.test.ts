import type { Json, JsonObject } from '@countersign/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sampleAction } from '../fake-console/sample-operation.ts';
import { parseKeyValues } from './key-value.ts';

const noFile = async (path: string): Promise<string> => expect.fail(`read ${path}`);
const parse = (inputSchema: JsonObject, words: readonly string[], read = noFile) =>
  parseKeyValues({ name: 'x.y', inputSchema }, words, read);
const object = (properties: JsonObject): JsonObject => ({ type: 'object', properties, additionalProperties: false });

/** A schema together with values that fit it. */
interface Shape {
  readonly schema: JsonObject;
  readonly value: Json;
}
const leaf: fc.Arbitrary<Shape> = fc.oneof(
  fc.string({ unit: 'binary' }).map((value): Shape => ({ schema: { type: 'string' }, value })),
  fc.boolean().map((value): Shape => ({ schema: { type: 'boolean' }, value })),
  fc.integer().map((value): Shape => ({ schema: { type: 'integer' }, value })),
  fc
    .double({ noNaN: true, noDefaultInfinity: true })
    .map((value): Shape => ({ schema: { type: 'number' }, value: value === 0 ? 0 : value })),
  fc.constant<Shape>({ schema: { anyOf: [{ type: 'null' }, { type: 'boolean' }] }, value: null }),
  fc.constantFrom('slow', 'fast').map((value): Shape => ({ schema: { enum: ['slow', 'fast'] }, value })),
);
const name = fc.oneof(
  fc.stringMatching(/^[a-z][a-z0-9_]{0,8}$/),
  fc.constantFrom('a.b', '__proto__', 'constructor', '0', 'x y'),
);
const { shape } = fc.letrec<{ shape: Shape }>((tie) => ({
  shape: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.array(fc.string({ unit: 'binary' }), { minLength: 1, maxLength: 4 }).map(
      (value): Shape => ({
        schema: { type: 'array', items: { type: 'string' } },
        value,
      }),
    ),
    fc.uniqueArray(fc.tuple(name, tie('shape')), { minLength: 1, maxLength: 4, selector: ([key]) => key }).map(
      (members): Shape => ({
        schema: object(Object.fromEntries(members.map(([key, member]) => [key, member.schema]))),
        value: Object.fromEntries(members.map(([key, member]) => [key, member.value])),
      }),
    ),
  ),
}));

/** What a person would type for a value. */
function wordsFor(value: Json, key: string): string[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => wordsFor(item, `${key}.${index}`));
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([member, inner]) => {
      const segment = member.replaceAll('.', '\\.');
      return wordsFor(inner, key === '' ? segment : `${key}.${segment}`);
    });
  }
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return [`${key}=${text.startsWith('@') ? `@${text}` : text}`];
}

test('any typed value comes back from the words that spell it', async () => {
  const objects = shape.filter(({ schema }) => schema['type'] === 'object');
  await fc.assert(
    fc.asyncProperty(objects, async ({ schema, value }) => {
      expect(await parse(schema, wordsFor(value, ''))).toEqual(value);
    }),
    { seed: 20_261_121, numRuns: 1_000 },
  );
});

test('a value is typed by its schema, not by its look', async () => {
  const schema = object({ text: { type: 'string' }, count: { type: 'integer' }, on: { type: 'boolean' }, any: {} });
  expect(await parse(schema, ['text=42', 'count=42', 'on=true', 'any=1'])).toEqual({
    text: '42',
    count: 42,
    on: true,
    any: 1,
  });
});

test('lists grow by repetition, also where the first item looks like JSON; a whole JSON list is taken as one', async () => {
  const schema = object({
    tags: { type: 'array', items: { type: 'string' } },
    ports: { type: 'array', items: { type: 'integer' } },
  });
  expect(await parse(schema, ['tags=[a', 'tags=b', 'ports=[80,81]'])).toEqual({ tags: ['[a', 'b'], ports: [80, 81] });
});

test('@path reads a file and @@ is a literal @', async () => {
  const schema = object({ a: { type: 'string' }, b: { type: 'string' } });
  expect(await parse(schema, ['a=@notes.txt', 'b=@@home'], async (path) => `text of ${path}`)).toEqual({
    a: 'text of notes.txt',
    b: '@home',
  });
});

test.each([
  ['massage=x', 'massage', 'did you mean "message"?'],
  ['files.0.contents=x', 'files.0.contents', 'did you mean "content"?'],
  ['executable=yes', 'executable', 'expected boolean'],
  ['message', 'message', 'expected key=value'],
  ['=x', '=x', 'expected key=value'],
  ['files.1.path=x', 'files.0', 'is missing'],
])('%s is refused and says where and what instead', async (word, field, words) => {
  const error = await parseKeyValues(sampleAction, [word], noFile).catch((caught: unknown) => caught);
  expect(error).toMatchObject({ code: 'E_VALIDATION', detail: { field } });
  expect(String(error)).toContain(words);
});

test('the same field twice is refused unless it is a list', async () => {
  await expect(parseKeyValues(sampleAction, ['message=a', 'message=b'], noFile)).rejects.toThrow('given twice');
});

test('references are followed', async () => {
  const schema = { ...object({ one: { $ref: '#/$defs/n' } }), $defs: { n: { type: 'integer' } } };
  expect(await parse(schema, ['one=1'])).toEqual({ one: 1 });
});
