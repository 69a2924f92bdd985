import { createServer, type Server } from 'node:http';
import type { ChatAnswer, ChatRequest } from '@countersign/kernel';
import type { Outcome } from '@countersign/protocol';
import { makeManualClock } from '@countersign/testing';
import { type ScriptedModels, startModels } from '@countersign/testing/models';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { kinds, providerAt, requestOf } from '../../packages/ai/src/fixture/wire-provider.ts';
import { budgetedProvider } from '../../packages/engine/src/provider/budgeted-provider.ts';
import { ModelMeter } from '../../packages/engine/src/provider/model-meter.ts';
import { TokenBudget } from '../../packages/engine/src/provider/token-budget.ts';

let models: ScriptedModels;
const open: Server[] = [];
beforeAll(async () => {
  models = await startModels();
});
afterAll(() => models.stop());
afterEach(() => {
  for (const server of open.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

const project = 'shop';
const free = requestOf({ schema: null });

function budgetOf(perMinute: number): TokenBudget {
  return new TokenBudget(makeManualClock(), perMinute);
}

/** A server that begins an answer and breaks off, each time; tells how often it was asked. */
async function cutting(): Promise<{ url: string; asked: () => number }> {
  let asked = 0;
  const server = createServer((request, response) => {
    asked += 1;
    request.resume();
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '4000' });
    response.write('{"id":');
    setTimeout(() => response.destroy(), 5);
  });
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { url: `http://127.0.0.1:${address.port}`, asked: () => asked };
}

async function endOf(
  chunks: AsyncIterable<{ kind: string; outcome?: Outcome<ChatAnswer> }>,
): Promise<Outcome<ChatAnswer> | undefined> {
  let end: Outcome<ChatAnswer> | undefined;
  for await (const chunk of chunks) end = chunk.outcome ?? end;
  return end;
}

describe.each(kinds)('%s', (...kind) => {
  const ask = (url: string, tokenBudget: TokenBudget, request: ChatRequest = free) =>
    budgetedProvider({ tokenBudget, modelMeter: new ModelMeter() }, providerAt(url, kind), [project]).chatOnce(request);
  const each = budgetOf(1).estimates.most('p', free);

  it('each attempt of an answer that is cut counts: the one that no tokens are left for is not made (IP-2)', async () => {
    const { url, asked } = await cutting();
    const budget = budgetOf(2 * each + 1);
    const outcome = await ask(url, budget);
    expect(asked()).toBe(2);
    expect(budget.used(project)).toBe(2 * each);
    expect(outcome).toMatchObject({
      ok: false,
      code: 'E_PROVIDER_CUT',
      detail: { not_asked_again: expect.stringMatching(/tokens left in this minute/) },
    });
    const roomy = budgetOf(10 * each);
    await ask(url, roomy);
    expect([asked(), roomy.used(project)]).toEqual([2 + 3, 3 * each]);
  });

  it('a stream that fails before its first piece pays for the next attempt too (IP-2)', async () => {
    models.answer(() => ({ status: 500 }));
    const before = models.requests().length;
    const budget = budgetOf(2 * each + 1);
    const provider = providerAt(models.url, kind);
    const budgeted = budgetedProvider({ tokenBudget: budget, modelMeter: new ModelMeter() }, provider, [project]);
    expect(await endOf(budgeted.chatStream(free))).toMatchObject({ ok: false, code: 'E_PROVIDER_UPSTREAM' });
    expect(models.requests().length - before).toBe(2);
    expect(budget.used(project)).toBe(2 * each);
  });

  it('503, then 200: the first attempt cost nothing, the second what it says', async () => {
    models.answer((_messages, earlier) =>
      earlier % 2 === 0 ? { status: 503 } : { text: 'yes', tokensIn: 30, tokensOut: 4 },
    );
    if (models.requests().length % 2 === 1) await providerAt(models.url, kind).chatOnce(free);
    const budget = budgetOf(each + 1);
    expect(await ask(models.url, budget)).toMatchObject({ ok: true });
    expect(budget.used(project)).toBe(34);
  });

  it('40 requests at once, each answered by an error that may have cost: the journal holds no more attempts than tokens (IP-2)', async () => {
    models.answer(() => ({ status: 500 }));
    const budget = budgetOf(7 * each + 3);
    const before = models.requests().length;
    const outcomes = await Promise.all(Array.from({ length: 40 }, () => ask(models.url, budget)));
    const made = models.requests().length - before;
    expect(made * each).toBeLessThanOrEqual(7 * each + 3);
    expect(made).toBe(7);
    expect(budget.used(project)).toBe(7 * each);
    const codes = outcomes.map((outcome) => (outcome.ok ? 'ok' : outcome.code));
    expect(codes.filter((code) => code === 'E_PROVIDER_BUDGET').length).toBeGreaterThanOrEqual(33);
    expect(new Set(codes)).toEqual(new Set(['E_PROVIDER_BUDGET', 'E_PROVIDER_UPSTREAM']));
  });
});
