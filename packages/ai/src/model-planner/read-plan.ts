import type { PlannerAction } from '@countersign/kernel';
import { accept, type Json, JsonObject, type Outcome, refuse } from '@countersign/protocol';
import { z } from 'zod';
import { compileSchema } from '../schema/compile-schema.ts';
import type { NamedStep } from './guard-plan.ts';
import { answerLimits, refusalCodes, withoutNulls } from './wire-schema.ts';

const Answer = z.object({
  kind: z.enum(['plan', 'clarify', 'refuse']),
  intent: z.string(),
  confidence: z.number(),
  steps: z.array(z.object({ action: z.string(), target: z.string(), inputs: JsonObject })),
  question: z.string().nullable(),
  choices: z.array(z.string()),
  refusal: z.object({ code: z.enum(refusalCodes), reason: z.string() }).nullable(),
});

/** A model's answer, read. */
export type ModelAnswer =
  | {
      readonly kind: 'plan';
      readonly intent: string;
      readonly confidence: number;
      readonly steps: readonly NamedStep[];
    }
  | {
      readonly kind: 'clarify';
      readonly intent: string;
      readonly confidence: number;
      readonly question: string;
      readonly choices: readonly string[];
    }
  | { readonly kind: 'refuse'; readonly code: string; readonly reason: string };

/** A line of a model's own words, as a person may see it. */
function line(text: string): string {
  return text
    .replaceAll(/[\p{C}\s]+/gu, ' ')
    .trim()
    .slice(0, answerLimits.question);
}

function intentOf(text: string): string {
  const word = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '')
    .slice(0, 64);
  return word === '' ? 'unnamed' : word;
}

const unusable = (problems: readonly string[]): Outcome<never> =>
  refuse('E_PROVIDER_INVALID_OUTPUT', 'the model did not answer in the form that was asked for', {
    problems: problems.slice(0, 8),
    next: 'ask again; a larger model keeps to a form more often',
  });

/** What is wrong with a step's inputs by its action's own schema: places and kinds only, none of the values. */
function problemsOf(step: NamedStep, index: number, { action }: PlannerAction): string[] {
  const validate = compileSchema(action.inputSchema);
  if (validate(step.inputs)) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, keyword, message }) => `/steps/${index}/inputs${instancePath}: ${message ?? keyword}`,
  );
}

/** Reads an answer that satisfied the wire schema, and checks every step by its action's own. E_PROVIDER_INVALID_OUTPUT names places. */
export function readPlan(object: Json, actions: readonly PlannerAction[]): Outcome<ModelAnswer> {
  const parsed = Answer.safeParse(object);
  if (!parsed.success)
    return unusable(parsed.error.issues.map(({ path, message }) => `/${path.join('/')}: ${message}`));
  const { kind, question, choices, refusal } = parsed.data;
  const intent = intentOf(parsed.data.intent);
  const confidence = Math.min(1, Math.max(0, parsed.data.confidence));
  if (kind === 'refuse') {
    if (refusal === null || line(refusal.reason) === '') return unusable(['/refusal: code and reason are needed']);
    return accept({ kind, code: refusal.code, reason: line(refusal.reason) });
  }
  if (kind === 'clarify') {
    if (question === null || line(question) === '') return unusable(['/question: a question is needed']);
    return accept({
      kind,
      intent,
      confidence,
      question: line(question),
      choices: choices.slice(0, answerLimits.choices),
    });
  }
  const steps = parsed.data.steps.map(({ action, target, inputs }) => ({
    action,
    target,
    inputs: JsonObject.parse(withoutNulls(inputs)),
  }));
  if (steps.length === 0) return unusable(['/steps: a plan has at least one step']);
  if (steps.length > answerLimits.steps) return unusable([`/steps: at most ${answerLimits.steps}`]);
  const problems = steps.flatMap((step, index) => {
    const known = actions.find(({ action }) => action.name === step.action);
    return known === undefined ? [`/steps/${index}/action: is not offered`] : problemsOf(step, index, known);
  });
  return problems.length > 0 ? unusable(problems) : accept({ kind, intent, confidence, steps });
}
