import type { JsonObject } from '@countersign/protocol';
import type { ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';

let shared: Ajv2020 | null = null;
const compiled = new WeakMap<JsonObject, ValidateFunction>();

/**
 * A JSON Schema (draft 2020-12) as a function. What was compiled goes with its schema: an instance of Ajv would keep every schema
 * that it ever saw, and most of ours are made for one request.
 */
export function compileSchema(schema: JsonObject): ValidateFunction {
  const known = compiled.get(schema);
  if (known !== undefined) return known;
  shared ??= new Ajv2020({ allErrors: true, strict: false, validateFormats: false });
  const validate = shared.compile(schema);
  shared.removeSchema(schema);
  compiled.set(schema, validate);
  return validate;
}
