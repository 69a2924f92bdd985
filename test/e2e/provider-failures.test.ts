import { createServer, type RequestListener, type Server } from 'node:http';
import type { DraftView } from '@countersign/protocol';
import { waitUntil } from '@countersign/testing';
import { type ScriptedModels, startModels } from '@countersign/testing/models';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { auditEntries } from './harness/audit.ts';
import { type Stage, withPeople } from './harness/describe-server.ts';
import { openServer } from './harness/open-server.ts';

const timeoutSeconds = 6;
const key = 'sk-canary-0123456789abcdef';
const asked = 'a prompt that stays in its request';
const kinds = [
  ['openai_compat', '/v1'],
  ['anthropic', '/v1'],
  ['gemini', '/v1beta'],
] as const;

const servers: Server[] = [];
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = z.object({ port: z.number() }).parse(server.address());
  return `http://127.0.0.1:${port}`;
}

/** What goes wrong, as the first words of what is asked; each with what the draft says of it. */
const writing = {
  'too many': { code: 'E_PROVIDER_RATE_LIMITED', at: 'scripted', attempts: 3 },
  'cut off': { code: 'E_PROVIDER_CUT', at: 'cutting', attempts: null },
  'never answers': { code: 'E_PROVIDER_TIMEOUT', at: 'hanging', attempts: null },
} as const;
/** What is wrong with an answer that must have a form: only a command asks for one. */
const forms = {
  'no JSON': { text: 'I would rather not.', code: 'E_PROVIDER_INVALID_OUTPUT' },
  'another form': { text: '{"message":7,"patch":["x"]}', code: 'E_PROVIDER_INVALID_OUTPUT' },
} as const;

let models: ScriptedModels;
let stage: Stage;
beforeAll(async () => {
  models = await startModels();
  const cutting = await serve((request, response) => {
    request.resume();
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '4000' });
    response.write('{"id":');
    setTimeout(() => response.destroy(), 10);
  });
  const hanging = await serve((request) => void request.resume());
  const places = { scripted: models.url, cutting, hanging };
  const named = Object.fromEntries(
    kinds.flatMap(([type, path]) =>
      Object.entries(places).map(([place, url]) => [
        `${type}-${place}`,
        { type, base_url: `${url}${path}`, model: 'scripted-1', api_key: `\${A_MODEL_KEY}` },
      ]),
    ),
  );
  const providers = {
    active: 'openai_compat-scripted',
    max_tokens_per_minute: 1_000_000,
    timeout_seconds: timeoutSeconds,
  };
  const options = { config: { providers: { ...providers, named } }, env: { A_MODEL_KEY: key } };
  stage = await withPeople(await openServer('sqlite', options));
});
afterAll(async () => {
  await stage?.close();
  await models?.stop();
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

const settled = (id: string): Promise<DraftView> =>
  waitUntil(
    `${id} is written`,
    async () => {
      const draft = await stage.admin.client.call('draftGet', { params: { draft_id: id } });
      return draft.status !== 'generating' && draft;
    },
    { timeoutMs: 60_000 },
  );
const requestsAbout = (what: string): number =>
  models.requests().filter(({ body }) => JSON.stringify(body).includes(what)).length;

async function generate(provider: string, prompt: string): Promise<DraftView> {
  await stage.admin.client.call('providerSwitch', { body: { active: provider } });
  return await stage.admin.client.call('draftGenerate', { body: { prompt } });
}
async function command(provider: string, goal: string): Promise<DraftView> {
  await stage.admin.client.call('providerSwitch', { body: { active: provider } });
  const body = { target: 'shop-dev', inputs: { goal, paths: ['README.md'] } };
  return await stage.alice.client.call('aiCommandAsk', { params: { command: 'generate_patch' }, body });
}

describe.each(kinds)('%s', (type) => {
  it('every way of failing leaves its draft with status "error" and why, in time, and nothing else stops (OR-8)', async () => {
    const seen = new Map<string, number>();
    models.answer((messages) => {
      const text = messages.map((message) => message.text).join('\n');
      if (text.includes('too many')) return { status: 429, message: `UPSTREAM-WORDS ${key}` };
      if (text.includes('busy at first')) {
        const before = seen.get(type) ?? 0;
        seen.set(type, before + 1);
        if (before === 0) return { status: 503 };
      }
      const form = Object.entries(forms).find(([what]) => text.includes(what));
      return { text: form?.[1].text ?? `written by ${type}`, tokensIn: 5, tokensOut: 3 };
    });
    const startedAt = performance.now();
    const made = new Map<string, string>();
    for (const [what, { at }] of Object.entries(writing)) {
      made.set(what, (await generate(`${type}-${at}`, `${what} ${type}: ${asked}`)).id);
    }
    const busy = await generate(`${type}-scripted`, `busy at first ${type}: ${asked}`);
    for (const what of Object.keys(forms)) made.set(what, (await command(`${type}-scripted`, `${what} ${type}`)).id);

    // While they go wrong, people work on.
    const byHand = await stage.alice.client.call('draftCreate', { body: { prompt: 'by hand' } });
    expect(byHand.status).toBe('draft');
    const second = await settled(busy.id);
    expect(second).toMatchObject({ status: 'draft', content: `written by ${type}`, error: null });
    expect(requestsAbout(`busy at first ${type}`), '503, then 200').toBe(2);

    for (const [what, expected] of Object.entries({ ...writing, ...forms })) {
      const draft = await settled(made.get(what) ?? '');
      expect(draft, what).toMatchObject({ status: 'error', content: '', digest: null, error: { code: expected.code } });
      expect(draft.error?.message, what).toMatch(/\w/);
      expect(JSON.stringify(draft.error), what).not.toMatch(new RegExp(`${key}|UPSTREAM-WORDS|${asked}`));
      const events = await auditEntries(stage, { subject: draft.op_id });
      expect(
        events.map(({ event }) => event),
        what,
      ).toEqual(['operation.proposed', 'draft.generation_failed']);
      expect(events.at(-1)?.detail, what).toMatchObject({ code: expected.code });
      expect(JSON.stringify(events), what).not.toContain(key);
    }
    expect(requestsAbout(`too many ${type}`)).toBe(writing['too many'].attempts);
    expect(performance.now() - startedAt).toBeLessThan(3 * timeoutSeconds * 1000 + 30_000);

    // What failed can be written by hand, and the provider goes on writing others.
    const params = { draft_id: made.get('cut off') ?? '' };
    const written = await stage.admin.client.call('draftEdit', { params, body: { content: 'by hand then' } });
    expect(written).toMatchObject({ status: 'draft', content: 'by hand then', error: null });
    const next = await settled((await generate(`${type}-scripted`, `all is well ${type}`)).id);
    expect(next).toMatchObject({ status: 'draft', content: `written by ${type}` });
  });
});

it('every failure stands in the list of what waits, with its status', async () => {
  const { drafts } = await stage.admin.client.call('draftList', { query: { limit: 100 } });
  const failed = drafts.filter(({ status }) => status === 'error');
  const ways = Object.keys({ ...writing, ...forms }).length - 1;
  expect(failed.length).toBe(kinds.length * ways);
});
