import { type Json, JsonObject } from '@countersign/protocol';
import fc from 'fast-check';

/** Values that exist on the server, by the name of the field that takes them: most requests should find something. */
export type Dictionary = ReadonlyMap<string, readonly Json[]>;

const text = fc.oneof(
  { weight: 4, arbitrary: fc.string({ maxLength: 40 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('', ' ', '\u0000', '../../etc/passwd', '-rf', '💥', 'a'.repeat(3000), '__proto__'),
  },
);
/** Any JSON, some of it meant badly. */
export const anyJson: fc.Arbitrary<Json> = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constant(null),
    fc.boolean(),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    text,
    fc.array(tie('json'), { maxLength: 4 }),
    fc.dictionary(
      fc.oneof(fc.string({ maxLength: 12 }), fc.constantFrom('constructor', 'toString', '$sealed')),
      tie('json'),
      {
        maxKeys: 4,
      },
    ),
  ),
})).json;

function objectsOf(value: Json | undefined): JsonObject[] {
  return Array.isArray(value)
    ? value.flatMap((item): JsonObject[] => {
        const parsed = JsonObject.safeParse(item);
        return parsed.success ? [parsed.data] : [];
      })
    : [];
}
function numberOf(value: Json | undefined, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise;
}

function stringOf(schema: JsonObject): fc.Arbitrary<Json> {
  const { pattern, format } = schema;
  const minLength = numberOf(schema['minLength'], 0);
  const maxLength = Math.min(numberOf(schema['maxLength'], 60), minLength + 200);
  if (format === 'uuid') return fc.uuid();
  if (typeof pattern === 'string') {
    try {
      return fc.stringMatching(new RegExp(pattern)).filter((made) => made.length >= minLength && made.length <= 4000);
    } catch {
      return fc.string({ minLength, maxLength });
    }
  }
  return fc.string({ minLength, maxLength });
}

function objectOf(schema: JsonObject, dictionary: Dictionary): fc.Arbitrary<Json> {
  const properties = Object.entries(JsonObject.safeParse(schema['properties']).data ?? {});
  const required = Array.isArray(schema['required']) ? schema['required'].map(String) : [];
  const shape = Object.fromEntries(
    properties.map(([name, property]) => [name, jsonBy(JsonObject.parse(property), dictionary, name)]),
  );
  if (properties.length > 0) return fc.record(shape, { requiredKeys: required.filter((name) => name in shape) });
  const values = JsonObject.safeParse(schema['additionalProperties']).data;
  return values === undefined ? fc.constant({}) : fc.dictionary(fc.string({ maxLength: 10 }), anyJson, { maxKeys: 3 });
}

function bySchema(schema: JsonObject, dictionary: Dictionary): fc.Arbitrary<Json> {
  if ('const' in schema) return fc.constant(schema['const'] ?? null);
  if (Array.isArray(schema['enum'])) return fc.constantFrom(...schema['enum']);
  const branches = [...objectsOf(schema['anyOf']), ...objectsOf(schema['oneOf'])];
  if (branches.length > 0) return fc.oneof(...branches.map((branch) => jsonBy(branch, dictionary)));
  const minimum = numberOf(schema['minimum'], -1000);
  switch (schema['type']) {
    case 'string':
      return stringOf(schema);
    case 'integer':
      return fc.integer({
        min: Math.max(minimum, -1_000_000),
        max: Math.min(numberOf(schema['maximum'], 1000), 1_000_000),
      });
    case 'number':
      return fc.double({ min: minimum, max: numberOf(schema['maximum'], 1_000_000), noNaN: true });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array': {
      const items = JsonObject.safeParse(schema['items']).data;
      const minLength = numberOf(schema['minItems'], 0);
      const item = items === undefined ? anyJson : jsonBy(items, dictionary);
      return fc.array(item, { minLength, maxLength: Math.max(minLength, 3) });
    }
    case 'object':
      return objectOf(schema, dictionary);
    default:
      return anyJson;
  }
}

/** Values that a JSON schema describes; those that exist come first where the field's name is known. */
export function jsonBy(schema: JsonObject, dictionary: Dictionary, name = ''): fc.Arbitrary<Json> {
  const known = dictionary.get(name);
  if (known === undefined || known.length === 0) return bySchema(schema, dictionary);
  return fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom(...known) },
    { weight: 1, arbitrary: bySchema(schema, dictionary) },
  );
}

/** A body as the schema wants it, or with one member gone, added or replaced by anything. */
export function spoilt(body: fc.Arbitrary<Json>): fc.Arbitrary<Json> {
  const wreck = fc
    .tuple(body, fc.nat(), anyJson, fc.constantFrom('drop', 'replace', 'add', 'whole'))
    .map(([value, at, other, how]): Json => {
      const parsed = JsonObject.safeParse(value);
      if (!parsed.success || how === 'whole') return other;
      const keys = Object.keys(parsed.data);
      const key = keys.length === 0 ? 'x' : (keys[at % keys.length] ?? 'x');
      if (how === 'add') return { ...parsed.data, [`x${at % 7}`]: other };
      const { [key]: _gone, ...rest } = parsed.data;
      return how === 'drop' ? rest : { ...rest, [key]: other };
    });
  return fc.oneof({ weight: 7, arbitrary: body }, { weight: 3, arbitrary: wreck });
}
