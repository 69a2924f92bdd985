import { accept, type Json, type JsonObject, JsonValue, type Outcome, readJson, refuse } from '@countersign/protocol';
import { compileSchema } from '../schema/compile-schema.ts';

const mostProblems = 8;

/** Models like to put JSON between fences. */
function withoutFence(text: string): string {
  return /^\s*```(?:json)?\s*\n([\s\S]*?)\n?\s*```\s*$/.exec(text)?.[1] ?? text;
}

function parsed(text: string): Json | undefined {
  try {
    return JsonValue.parse(readJson(withoutFence(text)));
  } catch {
    return undefined;
  }
}

/**
 * The JSON of an answer that must satisfy a schema, checked here whatever the provider promised. E_PROVIDER_INVALID_OUTPUT
 * names what is wrong by place and kind, never by the model's words.
 */
export function readAnswer(name: string, text: string, schema: JsonObject): Outcome<Json> {
  const next = 'ask again; a larger model keeps to a form more often';
  const value = parsed(text);
  if (value === undefined) {
    return refuse('E_PROVIDER_INVALID_OUTPUT', `the model of provider "${name}" did not answer with JSON`, {
      problems: [{ field: '', problem: 'is not JSON' }],
      next,
    });
  }
  const validate = compileSchema(schema);
  if (validate(value)) return accept(value);
  const problems = (validate.errors ?? []).slice(0, mostProblems).map(({ instancePath, keyword, message }) => ({
    field: instancePath.slice(0, 200),
    problem: keyword === 'additionalProperties' ? 'has a field that is not asked for' : (message ?? 'is not valid'),
  }));
  return refuse('E_PROVIDER_INVALID_OUTPUT', `the model of provider "${name}" did not keep to the schema`, {
    problems,
    next,
  });
}
