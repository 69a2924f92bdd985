import type { ChatMessage, ChatRequest, TokenUsage } from '@countersign/kernel';
import type { FinishReason, JSONSchema7, LanguageModel, LanguageModelUsage, ModelMessage, OutputInterface } from 'ai';
import { z } from 'zod';

/** A whole answer as the SDK gives it. */
export interface RawAnswer {
  readonly text: string;
  readonly finishReason: FinishReason;
  readonly usage: TokenUsage;
}

/** A part of a stream that matters here. */
export type RawPart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'finish'; readonly finishReason: FinishReason; readonly usage: TokenUsage }
  | { readonly kind: 'error'; readonly error: unknown };

/** What is checked by its use: the schema was made here, and the answer is checked against it here as well. */
const SdkSchema = z.custom<JSONSchema7>((value) => typeof value === 'object' && value !== null);

/** Loads the SDK when it is first needed: a server without a model never does. */
async function loadSdk(): Promise<Pick<typeof import('ai'), 'generateText' | 'streamText'>> {
  // It would print warnings, and with them parts of a request, to the console.
  Reflect.set(globalThis, 'AI_SDK_LOG_WARNINGS', false);
  return await import('ai');
}

function usageOf({ inputTokens, outputTokens }: LanguageModelUsage): TokenUsage {
  return { tokensIn: inputTokens ?? 0, tokensOut: outputTokens ?? 0 };
}

function turn({ role, content }: ChatMessage): ModelMessage[] {
  return role === 'system' ? [] : [{ role, content }];
}

/** The schema goes along; the text comes back as it is, to be read here. */
function outputOf(schema: ChatRequest['schema']): OutputInterface<string, string, never> {
  const responseFormat =
    schema === null
      ? ({ type: 'text' } as const)
      : ({ type: 'json', schema: SdkSchema.parse(schema), name: 'answer' } as const);
  return {
    name: responseFormat.type,
    responseFormat: Promise.resolve(responseFormat),
    parseCompleteOutput: async ({ text }) => text,
    // Text is handed on only where this says something new.
    parsePartialOutput: async ({ text }) => ({ partial: text }),
    createElementStreamTransform: () => undefined,
  };
}

function optionsOf(model: LanguageModel, request: ChatRequest, signal: AbortSignal) {
  const system = request.messages.filter(({ role }) => role === 'system').map(({ content }) => content);
  return {
    model,
    messages: request.messages.flatMap(turn),
    ...(system.length === 0 ? {} : { instructions: system.join('\n\n') }),
    maxOutputTokens: request.maxOutputTokens,
    temperature: 0,
    // Retries are ours alone: they know the deadline and the breaker.
    maxRetries: 0,
    abortSignal: signal,
    output: outputOf(request.schema),
  };
}

/** One call for one whole answer; throws what the SDK throws. */
export async function callOnce(model: LanguageModel, request: ChatRequest, signal: AbortSignal): Promise<RawAnswer> {
  const { generateText } = await loadSdk();
  const result = await generateText(optionsOf(model, request, signal));
  const finished = result.finishReason === 'stop';
  return {
    text: finished ? result.output : result.text,
    finishReason: result.finishReason,
    usage: usageOf(result.totalUsage),
  };
}

/** One call whose answer comes in pieces. It may end without a `finish`: then it was cut. */
export async function* callStream(
  model: LanguageModel,
  request: ChatRequest,
  signal: AbortSignal,
): AsyncGenerator<RawPart> {
  const { streamText } = await loadSdk();
  // Left to itself the SDK prints errors to the console; they come as parts too.
  const result = streamText({ ...optionsOf(model, request, signal), onError: () => undefined });
  for await (const part of result.fullStream) {
    if (part.type === 'text-delta' && part.text !== '') yield { kind: 'text', text: part.text };
    else if (part.type === 'error') yield { kind: 'error', error: part.error };
    else if (part.type === 'finish') {
      yield { kind: 'finish', finishReason: part.finishReason, usage: usageOf(part.totalUsage) };
    }
  }
}
