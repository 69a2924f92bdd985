import type { Json, JsonObject } from '@countersign/protocol';

/** What one place of an action's inputs may hold: every alternative of its JSON Schema. */
export type Alternatives = readonly JsonObject[];

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Follows `$ref` into `$defs` and opens `anyOf` and `oneOf`; unknown references allow anything. */
export function alternativesOf(schema: Json | undefined, root: JsonObject, depth = 0): Alternatives {
  if (schema === true || depth > 16) return [{}];
  if (!isObject(schema)) return [];
  const reference = schema['$ref'];
  if (typeof reference === 'string') {
    if (reference === '#') return alternativesOf(root, {}, depth + 1);
    const definitions = root['$defs'];
    const name = reference.replace(/^#\/\$defs\//, '');
    return alternativesOf(isObject(definitions) ? (definitions[name] ?? true) : true, root, depth + 1);
  }
  const choice = schema['anyOf'] ?? schema['oneOf'];
  if (Array.isArray(choice)) return choice.flatMap((one) => alternativesOf(one, root, depth + 1));
  return [schema];
}

/** Whether the place may hold a value of this JSON type; a schema without a type holds any. */
export function allows(
  place: Alternatives,
  type: 'object' | 'array' | 'string' | 'number' | 'boolean' | 'null',
): boolean {
  return place.some((schema) => {
    const values = constants(schema);
    if (values !== null) return values.some((value) => typeName(value) === type);
    const { type: declared } = schema;
    if (declared === undefined) return true;
    const types = Array.isArray(declared) ? declared : [declared];
    return types.includes(type) || (type === 'number' && types.includes('integer'));
  });
}

function typeName(value: Json): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

/** The values of `const` or `enum`, or null where the schema lists none. */
export function constants(schema: JsonObject): Json[] | null {
  if (schema['const'] !== undefined) return [schema['const']];
  return Array.isArray(schema['enum']) ? schema['enum'] : null;
}

/** Names that the place's objects declare. */
export function memberNames(place: Alternatives): string[] {
  return [
    ...new Set(place.flatMap((schema) => (isObject(schema['properties']) ? Object.keys(schema['properties']) : []))),
  ];
}

/** What a member of the place may hold; null when there can be none of that name. */
export function memberOf(place: Alternatives, name: string, root: JsonObject): Alternatives | null {
  const found: JsonObject[] = [];
  for (const schema of place) {
    const { properties, items, additionalProperties: rest } = schema;
    if (isObject(properties) && Object.hasOwn(properties, name)) found.push(...alternativesOf(properties[name], root));
    else if (items !== undefined && /^(0|[1-9]\d{0,4})$/.test(name)) found.push(...alternativesOf(items, root));
    else if (rest !== undefined && rest !== false) found.push(...alternativesOf(rest, root));
    else if (schema['type'] === undefined && constants(schema) === null && properties === undefined) found.push({});
  }
  return found.length === 0 ? null : found;
}

/** What the items of the place's arrays may hold. */
export function itemsOf(place: Alternatives, root: JsonObject): Alternatives {
  return place.flatMap((schema) =>
    alternativesOf(schema['items'] ?? (allows([schema], 'array') ? true : undefined), root),
  );
}
