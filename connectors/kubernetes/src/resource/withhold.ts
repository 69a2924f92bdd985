import type { Json, JsonObject } from '@countersign/protocol';

const withheld = '[withheld]';
/** The manifest that kubectl applied last: all of it again, values of the environment too. */
const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Variables of a container keep their names; values stand in clear only where they come from elsewhere by reference. */
function environment(value: Json): Json {
  if (!Array.isArray(value)) return withheld;
  return value.map((each) => (isObject(each) && 'value' in each ? { ...each, value: withheld } : each));
}

function texts(value: Json): Json {
  return isObject(value) ? Object.fromEntries(Object.keys(value).map((key) => [key, withheld])) : withheld;
}

function walk(value: Json, path: readonly string[]): Json {
  if (Array.isArray(value)) return value.map((each) => walk(each, path));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, each]): [string, Json][] => {
      if (key === 'managedFields' && path.at(-1) === 'metadata') return [];
      if (key === lastApplied) return [];
      if (key === 'env') return [[key, environment(each)]];
      const isData = path.length === 0 && (key === 'data' || key === 'binaryData' || key === 'stringData');
      return [[key, isData ? texts(each) : walk(each, [...path, key])]];
    }),
  );
}

/**
 * An object without what may be secret: values of environments, data of config maps, what kubectl applied last. What says
 * which fields are whose (`managedFields`) is left out too: it is long and nobody reads it.
 */
export function withoutSecrets(object: JsonObject): JsonObject {
  const shown = walk(object, []);
  return isObject(shown) ? shown : {};
}
