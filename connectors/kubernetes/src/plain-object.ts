import { JsonObject, readJson } from '@countersign/protocol';

/** An object of the client as plain JSON: its dates are text, and what is undefined is left out. */
export function plainObject(value: object): JsonObject {
  return JsonObject.parse(readJson(JSON.stringify(value)));
}
