import type { Json, JsonObject } from '@countersign/protocol';
import { isJsonObject } from './json-object.ts';

/** How an input is said. Read from its schema and its name, so that any connector's inputs are covered. */
export type InputKind =
  | { readonly kind: 'entity'; readonly entity: string }
  | { readonly kind: 'composite'; readonly alternatives: readonly JsonObject[] }
  | { readonly kind: 'integer'; readonly secondsEach: number | null }
  | { readonly kind: 'moment'; readonly durations: boolean }
  | { readonly kind: 'choice'; readonly values: readonly string[] }
  | { readonly kind: 'path' | 'paths' | 'ref' | 'boolean' | 'text' | 'unknown' };

export interface InputGrammar {
  readonly name: string;
  readonly required: boolean;
  readonly input: InputKind;
  /** Whether the sentence itself stands here where nothing else was said. */
  readonly fromPrompt: boolean;
  readonly schema: JsonObject;
}

const unitSeconds: readonly [RegExp, number][] = [
  [/(?:^|_)(?:ms|milliseconds)$/, 0.001],
  [/(?:^|_)seconds$/, 1],
  [/(?:^|_)minutes$/, 60],
  [/(?:^|_)hours$/, 3600],
];
const pathNames = /(?:^|_)(?:path|file|folder|directory)$/;
const refNames = /^(?:ref|branch|from|to|commit|tag|revision|base|head)$/;

const objects = (value: Json | undefined): JsonObject[] => (Array.isArray(value) ? value.filter(isJsonObject) : []);

/** The schema itself, or each schema that it may be instead. */
function alternativesOf(schema: JsonObject): JsonObject[] {
  const several = [...objects(schema['anyOf']), ...objects(schema['oneOf'])];
  return several.length === 0 ? [schema] : several.flatMap(alternativesOf);
}

function kindOf(name: string, schema: JsonObject): InputKind {
  const entity = schema['x-entity'];
  if (typeof entity === 'string') return { kind: 'entity', entity };
  const alternatives = alternativesOf(schema);
  const typed = (type: string) => alternatives.find((one) => one['type'] === type);
  const list = typed('array');
  if (list !== undefined) {
    const items = isJsonObject(list['items']) ? alternativesOf(list['items']) : [];
    if (items.some((item) => item['type'] === 'object')) return { kind: 'composite', alternatives: items };
    return { kind: name === 'paths' || pathNames.test(name.replace(/s$/, '')) ? 'paths' : 'unknown' };
  }
  if (alternatives.some((one) => one['format'] === 'date-time')) {
    const durations = alternatives.some(
      (one) =>
        typeof one['pattern'] === 'string' && one['format'] === undefined && new RegExp(one['pattern']).test('10m'),
    );
    return { kind: 'moment', durations };
  }
  if (typed('boolean') !== undefined) return { kind: 'boolean' };
  if (typed('integer') !== undefined || typed('number') !== undefined) {
    return { kind: 'integer', secondsEach: unitSeconds.find(([unit]) => unit.test(name))?.[1] ?? null };
  }
  const values = alternatives.flatMap((one) => (Array.isArray(one['enum']) ? one['enum'] : []));
  const choices = values.filter((value) => typeof value === 'string');
  if (choices.length > 0) return { kind: 'choice', values: choices };
  if (typed('string') === undefined) return { kind: 'unknown' };
  return { kind: pathNames.test(name) ? 'path' : refNames.test(name) ? 'ref' : 'text' };
}

/** The inputs of a schema in its order. */
export function inputsOf(inputSchema: JsonObject): InputGrammar[] {
  const properties = inputSchema['properties'];
  if (!isJsonObject(properties)) return [];
  const required = Array.isArray(inputSchema['required']) ? inputSchema['required'] : [];
  return Object.entries(properties).flatMap(([name, schema]) =>
    isJsonObject(schema)
      ? [
          {
            name,
            schema,
            required: required.includes(name),
            input: schema['x-secret'] === true ? { kind: 'unknown' } : kindOf(name, schema),
            fromPrompt: schema['x-from-prompt'] === true,
          } satisfies InputGrammar,
        ]
      : [],
  );
}
