import type { ChatRequest, ModelProvider } from '@countersign/kernel';
import type { JsonObject } from '@countersign/protocol';
import { type ScriptedModels, startModels } from '@countersign/testing/models';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProvider } from './create-provider.ts';
import type { ProviderSettings } from './provider-settings.ts';

let models: ScriptedModels;
beforeAll(async () => {
  models = await startModels();
});
afterAll(() => models.stop());

const schema: JsonObject = {
  type: 'object',
  properties: { name: { type: 'string' } },
  required: ['name'],
  additionalProperties: false,
};
const key = 'sk-canary-0123456789abcdef';
const prompt = 'the prompt that stays in the request';

function requestOf(change: Partial<ChatRequest> = {}): ChatRequest {
  return {
    messages: [
      { role: 'system', content: 'be brief' },
      { role: 'user', content: prompt },
    ],
    maxOutputTokens: 100,
    schema,
    timeoutMs: 5000,
    signal: new AbortController().signal,
    ...change,
  };
}

type Kind = readonly [name: string, type: ProviderSettings['type'], path: string];
const kinds: readonly Kind[] = [
  ['OpenAI', 'openai_compat', '/v1'],
  ['Anthropic', 'anthropic', '/v1'],
  ['Gemini', 'gemini', '/v1beta'],
];

function providerOf([name, type, path]: Kind, change: Partial<ProviderSettings> = {}): ModelProvider {
  return createProvider(
    {
      name,
      type,
      baseUrl: `${models.url}${path}`,
      model: 'scripted-1',
      key: () => key,
      keyed: true,
      price: null,
      structured: true,
      ...change,
    },
    {
      fetch: (url, call) => fetch(url, call),
      now: () => performance.now(),
      random: () => 0,
      wait: (ms) => new Promise((resolve) => setTimeout(resolve, Math.min(ms, 5))),
    },
  );
}

describe.each(kinds)('%s', (...kind) => {
  it('answers the same typed object with the right counts', async () => {
    models.answer(() => ({ text: '{"name":"web"}', tokensIn: 150, tokensOut: 20 }));
    const answer = await providerOf(kind).chatOnce(requestOf());
    expect(answer).toEqual({
      ok: true,
      value: {
        text: '{"name":"web"}',
        object: { name: 'web' },
        model: 'scripted-1',
        usage: { tokensIn: 150, tokensOut: 20 },
      },
    });
  });

  it('streams text, then its end with the same counts', async () => {
    models.answer(() => ({ text: 'one two three four', tokensIn: 9, tokensOut: 4 }), { chunkSize: 4 });
    const chunks = [];
    for await (const chunk of providerOf(kind).chatStream(requestOf({ schema: null }))) chunks.push(chunk);
    const texts = chunks.flatMap((chunk) => (chunk.kind === 'text' ? [chunk.text] : []));
    expect(texts.join('')).toBe('one two three four');
    expect(texts.length).toBeGreaterThan(1);
    expect(chunks.at(-1)).toMatchObject({
      kind: 'end',
      outcome: { ok: true, value: { usage: { tokensIn: 9, tokensOut: 4 } } },
    });
    expect(chunks.filter(({ kind: each }) => each === 'end')).toHaveLength(1);
  });
});
