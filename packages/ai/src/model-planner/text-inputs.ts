import type { Json, JsonObject } from '@countersign/protocol';
import { objectOf, objectsOf, referred } from './json-schema.ts';

/** One text among a step's inputs, with what its schema says about it. */
export interface TextInput {
  /** JSON pointer: `/files/0/path`. */
  readonly field: string;
  readonly value: string;
  /** The kind of thing that it names, from `x-entity`; null where it names none. */
  readonly entity: string | null;
  /** Text that a planner may write itself, from `x-content`: a message, the content of a file. */
  readonly content: boolean;
  /** Whether the schema lists the values that it may have, and this is one of them. */
  readonly listed: boolean;
}

/** Every schema that may be meant at a place: the alternatives, with references followed. */
function forms(schema: JsonObject, root: JsonObject, depth = 0): JsonObject[] {
  if (depth > 12) return [];
  if (schema['$ref'] !== undefined) {
    const found = referred(schema, root);
    return found === null ? [] : forms(found, root, depth + 1);
  }
  const alternatives = [schema['anyOf'], schema['oneOf'], schema['allOf']].flatMap(objectsOf);
  const marks = { 'x-content': schema['x-content'], 'x-entity': schema['x-entity'] };
  const inherited = Object.fromEntries(
    Object.entries(marks).flatMap(([name, mark]) => (mark === undefined ? [] : [[name, mark] as const])),
  );
  return [schema, ...alternatives.flatMap((each) => forms({ ...inherited, ...each }, root, depth + 1))];
}

function lists(schema: JsonObject, value: string): boolean {
  return schema['const'] === value || (Array.isArray(schema['enum']) && schema['enum'].includes(value));
}

/** All texts in a step's inputs, in order. A text that no schema knows of is neither content nor listed. */
export function textInputs(inputs: JsonObject, schema: JsonObject): TextInput[] {
  const found: TextInput[] = [];
  const walk = (value: Json, schemas: readonly JsonObject[], field: string): void => {
    const all = schemas.flatMap((each) => forms(each, schema));
    if (typeof value === 'string') {
      const entity = all.map((each) => each['x-entity']).find((each) => typeof each === 'string') ?? null;
      // Content is what every form that is text says is content: an alternative opens nothing.
      const texts = all.filter((each) => each['type'] === 'string' || each['x-content'] !== undefined);
      const content = texts.length > 0 && texts.every((each) => each['x-content'] === true);
      found.push({ field, value, entity, content, listed: all.some((each) => lists(each, value)) });
    } else if (Array.isArray(value)) {
      const items = all.flatMap((each) => objectsOf([each['items'] ?? null]));
      for (const [index, each] of value.entries()) walk(each, items, `${field}/${index}`);
    } else if (value !== null && typeof value === 'object') {
      for (const [name, each] of Object.entries(value)) {
        const properties = all.flatMap((one) => objectsOf([objectOf(one['properties'])?.[name] ?? null]));
        walk(each, properties, `${field}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`);
      }
    }
  };
  walk(inputs, [schema], '');
  return found;
}
