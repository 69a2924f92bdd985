import type {
  ChatAnswer,
  ChatMessage,
  ChatRequest,
  ModelProvider,
  Planned,
  Planner,
  PlannerAnswer,
  PlanPromptRequest,
  TokenUsage,
} from '@countersign/kernel';
import {
  accept,
  type Json,
  type JsonObject,
  JsonObject as JsonObjectSchema,
  type Outcome,
  type Refusal,
} from '@countersign/protocol';
import { fitRequest, type Told } from './fit-request.ts';
import { guardPlan, knownChoices, type NamedStep } from './guard-plan.ts';
import { type Masked, mask, planMessages, repairMessage } from './plan-messages.ts';
import { type ModelAnswer, readPlan } from './read-plan.ts';
import { wireSchema } from './wire-schema.ts';

/** What a model planner needs beside its provider. Times in milliseconds. */
export interface ModelPlannerSettings {
  readonly outputTokens: number;
  readonly timeoutMs: number;
  readonly nonce: () => string;
  readonly now: () => number;
}

/** Confidence in what was read nearly only. */
const nearConfidence = 0.7;

function usedBy(refusal: Refusal): TokenUsage {
  const { tokens_in: tokensIn, tokens_out: tokensOut } = refusal.detail;
  return {
    tokensIn: typeof tokensIn === 'number' ? tokensIn : 0,
    tokensOut: typeof tokensOut === 'number' ? tokensOut : 0,
  };
}

function problemsIn({ detail, message }: Refusal): string[] {
  const { problems } = detail;
  if (!Array.isArray(problems)) return [message];
  return problems.map((problem) => {
    if (typeof problem === 'string') return problem;
    const read = JsonObjectSchema.safeParse(problem);
    return read.success ? `${String(read.data['field'] ?? '')}: ${String(read.data['problem'] ?? '')}` : message;
  });
}

function unmaskedValue(value: Json, masked: Masked): Json {
  if (typeof value === 'string') return masked.unmask(value);
  if (Array.isArray(value)) return value.map((item) => unmaskedValue(item, masked));
  return value === null || typeof value !== 'object' ? value : unmaskedObject(value, masked);
}

function unmaskedObject(object: JsonObject, masked: Masked): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, unmaskedValue(value, masked)]));
}

function unmasked(step: NamedStep, masked: Masked): NamedStep {
  return { ...step, inputs: unmaskedObject(step.inputs, masked) };
}

/** A question with the sentences that would answer it: the same sentence, with the name said. */
function clarify(
  prompt: string,
  intent: string,
  confidence: number,
  question: string,
  choices: readonly string[],
): PlannerAnswer {
  return {
    kind: 'clarify',
    intent,
    confidence,
    question,
    options: choices.map((name) => ({ label: name, prompt: `${prompt} (${name})` })),
  };
}

function answerOf(request: PlanPromptRequest, masked: Masked, answer: ModelAnswer): Outcome<PlannerAnswer> {
  if (answer.kind === 'refuse') return accept(answer);
  const { intent, confidence } = answer;
  if (answer.kind === 'clarify') {
    return accept(clarify(request.prompt, intent, confidence, answer.question, knownChoices(request, answer.choices)));
  }
  const guarded = guardPlan(
    request,
    answer.steps.map((step) => unmasked(step, masked)),
  );
  if (!guarded.ok) return guarded;
  if (guarded.value.kind === 'doubt') {
    const { question, choices } = guarded.value.doubt;
    return accept(clarify(request.prompt, intent, Math.min(confidence, nearConfidence), question, choices));
  }
  const { steps } = guarded.value;
  const near = steps.some(({ resolved }) => resolved.some(({ by }) => by === 'near' || by === 'only'));
  return accept({ kind: 'plan', intent, confidence: near ? Math.min(confidence, nearConfidence) : confidence, steps });
}

/** What is left out of a request so that it fits, for people to see. */
function leftOut(request: PlanPromptRequest, { actions, inventory }: Told): JsonObject {
  const parts = { actions: [actions, request.actions], inventory: [inventory, request.inventory] } as const;
  const short = Object.entries(parts).filter(([, [told, all]]) => told.length < all.length);
  return Object.fromEntries(short.map(([name, [told, all]]) => [name, { told: told.length, of: all.length }]));
}

/**
 * A planner that asks a model. The model gets the sentence, what this caller may do and what is there (of too much the likeliest,
 * `fits` says how much), and answers by a schema that has words for nothing else; an answer that is not usable is asked for once
 * more. What it then names must be said in the sentence or be there and meant by it, or becomes a question. E_PROVIDER_*.
 */
export function modelPlanner(
  provider: ModelProvider,
  settings: ModelPlannerSettings,
  fits: (chat: ChatRequest) => boolean,
): Planner {
  return {
    async plan(request): Promise<Outcome<Planned>> {
      const startedAt = settings.now();
      const masked = mask(request.prompt);
      const nonce = settings.nonce();
      const asking = ({ actions, inventory }: Told): { messages: ChatMessage[]; schema: JsonObject } => {
        const schema = wireSchema(actions);
        const { documents } = request;
        const asked = planMessages({ actions, inventory, documents }, masked.text, nonce);
        // Who takes no schema beside the messages gets it in them.
        const said: ChatMessage = { role: 'user', content: `JSON schema of your answer:\n${JSON.stringify(schema)}` };
        return { messages: provider.capabilities().structured ? asked : [...asked, said], schema };
      };
      const { outputTokens: maxOutputTokens } = settings;
      const told = fitRequest(request, (some) =>
        fits({ ...asking(some), maxOutputTokens, timeoutMs: settings.timeoutMs, signal: request.signal }),
      );
      const { messages, schema } = asking(told);
      let usage: TokenUsage = { tokensIn: 0, tokensOut: 0 };
      const ask = async (said: readonly ChatMessage[]): Promise<Outcome<PlannerAnswer>> => {
        const timeoutMs = Math.max(1, Math.round(settings.timeoutMs - (settings.now() - startedAt)));
        const { signal } = request;
        const chat = { messages: said, maxOutputTokens, schema, timeoutMs, signal };
        const answered: Outcome<ChatAnswer> = await provider.chatOnce(chat);
        const used = answered.ok ? answered.value.usage : usedBy(answered);
        usage = { tokensIn: usage.tokensIn + used.tokensIn, tokensOut: usage.tokensOut + used.tokensOut };
        if (!answered.ok) return answered;
        const read = readPlan(answered.value.object, request.actions);
        return read.ok ? answerOf(request, masked, read.value) : read;
      };
      const first = await ask(messages);
      const repaired = !first.ok && first.code === 'E_PROVIDER_INVALID_OUTPUT';
      const second = repaired ? await ask([...messages, repairMessage(problemsIn(first))]) : first;
      // Where the minute has no tokens for a repair, what was wrong is what there is to say.
      const answer = !second.ok && second.code === 'E_PROVIDER_BUDGET' ? first : second;
      if (!answer.ok) return answer;
      const detail: JsonObject = { repaired, ...leftOut(request, told) };
      return accept({ answer: answer.value, model: provider.model, usage, detail });
    },
  };
}
