import type { ActionManifest, Json, JsonObject } from '@countersign/protocol';
import type { ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ActionGrammar } from '../grammar/action-grammar.ts';
import { isJsonObject } from '../grammar/json-object.ts';
import { pathProblem } from '../parse/paths.ts';
import { type Abstention, refusal } from './answer.ts';

const ajv = new Ajv2020({ allErrors: false, strict: false, validateFormats: false });
const validators = new WeakMap<JsonObject, ValidateFunction>();

function validatorOf({ inputSchema }: ActionManifest): ValidateFunction {
  const known = validators.get(inputSchema);
  if (known !== undefined) return known;
  const made = ajv.compile(inputSchema);
  validators.set(inputSchema, made);
  return made;
}

function pathsIn(value: Json | undefined): string[] {
  if (typeof value === 'string') return [value];
  if (!Array.isArray(value)) return [];
  return value.flatMap((one) => (isJsonObject(one) ? pathsIn(one['path']) : pathsIn(one)));
}

/** Refuses paths that may not be used, wherever they would go; null where all may. */
export function checkPaths({ inputs: grammars }: ActionGrammar, inputs: JsonObject): Abstention | null {
  for (const { name, input } of grammars) {
    if (input.kind !== 'path' && input.kind !== 'paths' && input.kind !== 'composite') continue;
    for (const path of pathsIn(inputs[name])) {
      const problem = pathProblem(path);
      if (problem !== null) return refusal('unsafe_path', `"${path}" ${problem}.`);
    }
  }
  return null;
}

/** Refuses inputs that the action's schema does not take; null for good ones. */
export function checkInputs({ action }: ActionGrammar, inputs: JsonObject): Abstention | null {
  const validate = validatorOf(action);
  if (validate(inputs)) return null;
  const [error] = validate.errors ?? [];
  const field = `${error?.instancePath ?? ''}`.slice(1) || action.name;
  return refusal('out_of_range', `${field} ${error?.message ?? 'does not fit'}.`);
}
