import { type ScriptedModels, startModels } from '@countersign/testing/models';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canaries, kinds, providerAt, requestOf } from '../fixture/wire-provider.ts';

let models: ScriptedModels;
beforeAll(async () => {
  models = await startModels();
});
afterAll(() => models.stop());

describe.each(kinds)('%s', (...kind) => {
  it('answers the same typed object with the right counts', async () => {
    models.answer(() => ({ text: '{"name":"web"}', tokensIn: 150, tokensOut: 20 }));
    const before = models.requests().length;
    expect(await providerAt(models.url, kind).chatOnce(requestOf())).toEqual({
      ok: true,
      value: {
        text: '{"name":"web"}',
        object: { name: 'web' },
        model: 'scripted-1',
        usage: { tokensIn: 150, tokensOut: 20 },
      },
    });
    // One request, with the key where that format wants it and nowhere else.
    const [sent, ...more] = models.requests().slice(before);
    expect(more).toEqual([]);
    const keyHeader = { openai_compat: 'authorization', anthropic: 'x-api-key', gemini: 'x-goog-api-key' }[kind[1]];
    // The script's own journal hides what is a key.
    expect(sent?.headers[keyHeader]).toBe('[REDACTED]');
    expect(Object.values(sent?.headers ?? {}).filter((value) => value === '[REDACTED]')).toHaveLength(1);
    expect(`${sent?.path} ${JSON.stringify(sent?.body)}`).not.toContain(canaries.key);
    expect(JSON.stringify(sent?.body)).toContain(canaries.prompt);
  });

  it('streams text, then its end with the same counts', async () => {
    models.answer(() => ({ text: 'one two three four', tokensIn: 9, tokensOut: 4 }), { chunkSize: 4 });
    const chunks = [];
    for await (const chunk of providerAt(models.url, kind).chatStream(requestOf({ schema: null }))) chunks.push(chunk);
    const texts = chunks.flatMap((chunk) => (chunk.kind === 'text' ? [chunk.text] : []));
    expect(texts.join('')).toBe('one two three four');
    expect(texts.length).toBeGreaterThan(1);
    expect(chunks.at(-1)).toMatchObject({
      kind: 'end',
      outcome: { ok: true, value: { usage: { tokensIn: 9, tokensOut: 4 } } },
    });
    expect(chunks.filter(({ kind: each }) => each === 'end')).toHaveLength(1);
  });

  it('without a key it sends none', async () => {
    models.answer(() => ({ text: '{"name":"web"}' }));
    const before = models.requests().length;
    const provider = providerAt(models.url, kind, { key: () => null, keyed: false });
    expect(await provider.chatOnce(requestOf())).toMatchObject({ ok: true });
    const sent = models.requests()[before];
    expect(sent?.headers['authorization'] ?? '').toBe('');
    expect(JSON.stringify(sent?.headers)).not.toContain('sk-');
  });
});

it('at the /v1 of Ollama and LM Studio models are listed, and the health is told (OR-5)', async () => {
  const [openai] = kinds;
  if (openai === undefined) throw new Error('no kind');
  models.answer(() => ({ text: 'x' }));
  const health = await providerAt(models.url, openai).healthcheck(new AbortController().signal);
  expect(health).toMatchObject({ ok: true, value: { models: expect.any(Array) } });
  if (health.ok) expect(health.value.latencyMs).toBeGreaterThanOrEqual(0);
});
