import type { Json, JsonObject } from '@countersign/protocol';

/** A JSON value as an object, or null. */
export function asObject(value: Json | undefined): JsonObject | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null;
}

function listOf(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : [];
}

function referred(root: JsonObject, pointer: Json | undefined): JsonObject | null {
  if (typeof pointer !== 'string' || !pointer.startsWith('#')) return null;
  let place: Json | undefined = root;
  for (const part of pointer.slice(1).split('/').filter(Boolean)) {
    const key = decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~');
    place = Array.isArray(place) ? place[Number(key)] : asObject(place)?.[key];
  }
  return asObject(place);
}

/**
 * Every schema that speaks of the same value: alternatives and references resolved. Which alternative a value took is not
 * asked: what is secret in one of them is secret.
 */
export function allForms(root: JsonObject, schemas: readonly (Json | undefined)[]): JsonObject[] {
  const found = new Set<JsonObject>();
  const waiting = [...schemas];
  while (waiting.length > 0) {
    const schema = asObject(waiting.pop());
    if (schema === null || found.has(schema)) continue;
    found.add(schema);
    waiting.push(...listOf(schema['allOf']), ...listOf(schema['anyOf']), ...listOf(schema['oneOf']));
    waiting.push(schema['if'], schema['then'], schema['else'], referred(root, schema['$ref']) ?? undefined);
  }
  return [...found];
}

/** The schemas of an object's property; those of all others where it is not named. */
export function ofProperty(forms: readonly JsonObject[], key: string): (Json | undefined)[] {
  return forms.flatMap((form) => {
    const named = asObject(form['properties'])?.[key];
    const patterns = Object.entries(asObject(form['patternProperties']) ?? {});
    const fitting = patterns.filter(([pattern]) => new RegExp(pattern, 'u').test(key)).map(([, schema]) => schema);
    return named === undefined && fitting.length === 0 ? [form['additionalProperties']] : [named, ...fitting];
  });
}

/** The schemas of an array's item. */
export function ofItem(forms: readonly JsonObject[], index: number): (Json | undefined)[] {
  return forms.map((form) => listOf(form['prefixItems'])[index] ?? form['items']);
}
