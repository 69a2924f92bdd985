import { type Json, JsonObject } from '@countersign/protocol';

/** A value as an object; null where it is none. */
export function objectOf(value: Json | undefined): JsonObject | null {
  const parsed = JsonObject.safeParse(value);
  return parsed.success ? parsed.data : null;
}

/** The objects of a list; none where it is no list. */
export function objectsOf(value: Json | undefined): JsonObject[] {
  const found: JsonObject[] = [];
  for (const each of Array.isArray(value) ? value : []) {
    const object = objectOf(each);
    if (object !== null) found.push(object);
  }
  return found;
}

/** What a `$ref` within a schema leads to: `#/$defs/name`. */
export function referred(schema: JsonObject, root: JsonObject): JsonObject | null {
  const { $ref: reference } = schema;
  if (typeof reference !== 'string') return null;
  return objectOf(objectOf(root['$defs'])?.[reference.split('/').at(-1) ?? '']);
}
