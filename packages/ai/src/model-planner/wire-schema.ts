import type { PlannerAction } from '@countersign/kernel';
import type { Json, JsonObject } from '@countersign/protocol';
import { objectOf, objectsOf, referred } from './json-schema.ts';

/** Most steps, choices and letters of one answer. */
export const answerLimits = { steps: 16, choices: 6, question: 300 } as const;
/** What a refusal of a model may be about. */
export const refusalCodes = ['out_of_scope', 'impossible', 'unsafe'] as const;

function textsOf(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}

function described(schema: JsonObject, wire: JsonObject): JsonObject {
  const { description } = schema;
  return typeof description === 'string' ? { ...wire, description: description.slice(0, 100) } : wire;
}

const orNull = (wire: JsonObject): JsonObject => ({ anyOf: [wire, { type: 'null' }] });

/** An object that takes exactly these properties; what need not be there may be null, for some providers want all to be there. */
function closed(properties: Readonly<Record<string, JsonObject>>): JsonObject {
  return {
    type: 'object',
    properties: { ...properties },
    required: Object.keys(properties),
    additionalProperties: false,
  };
}

/**
 * A schema as every provider takes it: types, enumerations, closed objects, alternatives. What else an action's own schema says
 * (patterns, ranges, lengths) is checked by that schema when the answer is there.
 */
function wireOf(schema: JsonObject, root: JsonObject, depth = 0): JsonObject {
  if (depth > 12) return { type: 'string' };
  if (schema['$ref'] !== undefined) {
    const found = referred(schema, root);
    return found === null ? { type: 'string' } : wireOf(found, root, depth + 1);
  }
  if (schema['const'] !== undefined) return described(schema, constant(schema['const']));
  if (Array.isArray(schema['enum'])) {
    const numbers = schema['enum'].every((each) => typeof each === 'number');
    return described(schema, { type: numbers ? 'number' : 'string', enum: schema['enum'] });
  }
  const alternatives = schema['anyOf'] ?? schema['oneOf'];
  if (Array.isArray(alternatives)) {
    const all = objectsOf(alternatives).map((each) => wireOf(each, root, depth + 1));
    return described(schema, { anyOf: all });
  }
  if (schema['type'] === 'object' || schema['properties'] !== undefined) {
    const required = new Set(textsOf(schema['required']));
    const properties = Object.entries(objectOf(schema['properties']) ?? {}).flatMap(([name, value]) => {
      const property = objectOf(value);
      if (property === null) return [];
      const wire = wireOf(property, root, depth + 1);
      return [[name, required.has(name) ? wire : orNull(wire)] as const];
    });
    return described(schema, closed(Object.fromEntries(properties)));
  }
  if (schema['type'] === 'array') {
    const items = wireOf(objectOf(schema['items']) ?? { type: 'string' }, root, depth + 1);
    return described(schema, { type: 'array', items });
  }
  const { type } = schema;
  return described(schema, { type: typeof type === 'string' ? type : 'string' });
}

function constant(value: Json): JsonObject {
  const type = typeof value;
  if (type === 'string') return { type: 'string', enum: [value] };
  return { type: type === 'boolean' || type === 'number' ? type : 'null' };
}

function stepOf({ action, targets }: PlannerAction): JsonObject {
  return closed({
    action: { type: 'string', enum: [action.name] },
    target: { type: 'string', enum: targets.map(({ name }) => name) },
    inputs: wireOf(action.inputSchema, action.inputSchema),
  });
}

/**
 * The schema of a model's answer, made from what one caller may do: each step is one of these actions, with that action's own
 * inputs, on one of that action's own targets. There is no word in it for anything else.
 */
export function wireSchema(actions: readonly PlannerAction[]): JsonObject {
  return closed({
    kind: { type: 'string', enum: ['plan', 'clarify', 'refuse'] },
    intent: { type: 'string', description: 'What is wanted, in a few words with _ between them.' },
    confidence: { type: 'number', description: 'From 0 to 1.' },
    steps: { type: 'array', items: { anyOf: actions.map(stepOf) }, description: 'Empty unless kind is plan.' },
    question: orNull({ type: 'string', description: 'One question, where kind is clarify.' }),
    choices: {
      type: 'array',
      items: { type: 'string' },
      description: 'Names that may be meant, where kind is clarify.',
    },
    refusal: orNull(closed({ code: { type: 'string', enum: [...refusalCodes] }, reason: { type: 'string' } })),
  });
}

/** Inputs as the action's own schema has them: what is null was left out. */
export function withoutNulls(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, each]) => (each === null ? [] : [[name, withoutNulls(each)] as const])),
  );
}
