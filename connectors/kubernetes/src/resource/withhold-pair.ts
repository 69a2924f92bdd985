import type { Json, JsonObject } from '@countersign/protocol';

const equal = '[withheld]';

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function valuesOf(env: Json | undefined): Map<Json, Json> {
  const pairs = Array.isArray(env) ? env : [];
  return new Map(
    pairs.flatMap((each): [Json, Json][] =>
      isObject(each) && 'value' in each ? [[each['name'] ?? null, each['value'] ?? null]] : [],
    ),
  );
}

function environment(env: Json, other: Json | undefined, changed: string): Json {
  if (!Array.isArray(env)) return env;
  const others = valuesOf(other);
  return env.map((each) => {
    if (!isObject(each) || !('value' in each)) return each;
    const same = others.get(each['name'] ?? null) === each['value'];
    return { ...each, value: same ? equal : changed };
  });
}

function walk(value: Json, other: Json | undefined, changed: string): Json {
  if (Array.isArray(value))
    return value.map((each, index) => walk(each, Array.isArray(other) ? other[index] : undefined, changed));
  if (!isObject(value)) return value;
  const beside = isObject(other) ? other : {};
  return Object.fromEntries(
    Object.entries(value).map(([key, each]): [string, Json] => [
      key,
      key === 'env' ? environment(each, beside[key], changed) : walk(each, beside[key], changed),
    ]),
  );
}

/**
 * Two states of an object for a diff, without the values of environments: what they are is secret, that one of them changes is
 * not.
 */
export function withheldPair(before: JsonObject, after: JsonObject): [JsonObject, JsonObject] {
  const shown = (value: JsonObject, other: JsonObject, changed: string): JsonObject => {
    const walked = walk(value, other, changed);
    return isObject(walked) ? walked : {};
  };
  return [shown(before, after, '[withheld: before]'), shown(after, before, '[withheld: after]')];
}
