import type { ChatAnswer, ChatRequest, ModelProvider } from '@countersign/kernel';
import { accept, type Outcome, refuse } from '@countersign/protocol';
import { makeManualClock } from '@countersign/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { budgetedProvider } from './budgeted-provider.ts';
import { ModelMeter } from './model-meter.ts';
import { TokenBudget } from './token-budget.ts';

const request = (text: string, change: Partial<ChatRequest> = {}): ChatRequest => ({
  messages: [{ role: 'user', content: text }],
  maxOutputTokens: 100,
  schema: null,
  timeoutMs: 1000,
  signal: new AbortController().signal,
  ...change,
});

function providerOf(answer: () => Promise<Outcome<ChatAnswer>>): ModelProvider & { calls: number } {
  const provider = {
    name: 'p',
    type: 'openai_compat' as const,
    model: 'm',
    calls: 0,
    capabilities: () => ({ streaming: true, structured: true }),
    listModels: async () => accept([]),
    healthcheck: async () => accept({ latencyMs: 0, models: [] }),
    async chatOnce() {
      provider.calls += 1;
      return await answer();
    },
    async *chatStream() {
      provider.calls += 1;
      yield { kind: 'text' as const, text: 'x' };
      yield { kind: 'end' as const, outcome: await answer() };
    },
  };
  return provider;
}
const used = (tokensIn: number, tokensOut: number): Outcome<ChatAnswer> =>
  accept({ text: 'x', object: null, model: 'm', usage: { tokensIn, tokensOut } });

function world(perMinute: number) {
  const clock = makeManualClock();
  const tokenBudget = new TokenBudget(clock, perMinute);
  const modelMeter = new ModelMeter();
  const seen = { tokens: [0, 0], refusals: 0 };
  modelMeter.observe({
    recordAiPlanner: () => undefined,
    recordAiTokens(_provider, tokensIn, tokensOut) {
      seen.tokens = [(seen.tokens[0] ?? 0) + tokensIn, (seen.tokens[1] ?? 0) + tokensOut];
    },
    recordAiBudgetRefusal() {
      seen.refusals += 1;
    },
  });
  return { clock, tokenBudget, modelMeter, seen };
}

describe('the tokens of a minute', () => {
  it('are never exceeded by 50 requests at once; the rest is refused before the provider is called (IP-2)', async () => {
    const at = world(8000);
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    let spent = 0;
    const provider = providerOf(async () => {
      await gate;
      spent += 700;
      return used(600, 100);
    });
    const budgeted = budgetedProvider(at, provider, ['shop']);
    const text = 'x'.repeat(2000);
    const each = at.tokenBudget.estimates.most('p', request(text));
    const asked = Array.from({ length: 50 }, () => budgeted.chatOnce(request(text)));
    expect(at.tokenBudget.used('shop')).toBeLessThanOrEqual(8000);
    release();
    const outcomes = await Promise.all(asked);
    const accepted = outcomes.filter(({ ok }) => ok).length;
    expect(accepted).toBe(Math.floor(8000 / each));
    expect(provider.calls).toBe(accepted);
    expect(spent).toBeLessThanOrEqual(8000);
    expect(at.tokenBudget.used('shop')).toBe(spent);
    expect(at.seen).toEqual({ tokens: [600 * accepted, 100 * accepted], refusals: 50 - accepted });
    for (const outcome of outcomes) {
      if (!outcome.ok)
        expect(outcome).toMatchObject({
          code: 'E_PROVIDER_BUDGET',
          detail: { budget: 8000, next: expect.any(String) },
        });
    }
  });

  it('what was set aside and not used is free at once, and all of it after a minute', async () => {
    const at = world(1000);
    const provider = providerOf(async () => used(300, 50));
    const budgeted = budgetedProvider(at, provider, ['shop']);
    const big = request('x'.repeat(1500));
    expect(at.tokenBudget.estimates.most('p', big)).toBe(608);
    expect((await budgeted.chatOnce(big)).ok).toBe(true);
    expect(at.tokenBudget.used('shop')).toBe(350);
    expect((await budgeted.chatOnce(big)).ok).toBe(true);
    const refused = await budgeted.chatOnce(big);
    expect(refused).toMatchObject({ ok: false, detail: { project: 'shop', retry_after_ms: 60_000 } });
    at.clock.advance(59_999);
    expect((await budgeted.chatOnce(big)).ok).toBe(false);
    at.clock.advance(1);
    expect((await budgeted.chatOnce(big)).ok).toBe(true);
  });

  it('belong to a project: a request that is about two draws on both, or on none', () => {
    const { tokenBudget } = world(100);
    expect(tokenBudget.reserve(['a'], 80).ok).toBe(true);
    expect(tokenBudget.reserve(['b', 'a'], 30).ok).toBe(false);
    expect(tokenBudget.used('b')).toBe(0);
    expect(tokenBudget.reserve(['b'], 100).ok).toBe(true);
    const never = tokenBudget.reserve(['c'], 101);
    expect(never).toMatchObject({ ok: false, code: 'E_PROVIDER_BUDGET' });
    expect(never.ok ? {} : never.detail).not.toHaveProperty('retry_after_ms');
  });

  it.each([
    ['a refusal that cost nothing', () => refuse('E_PROVIDER_RATE_LIMITED', 'no'), 0],
    [
      'one that says what it cost',
      () => refuse('E_PROVIDER_INVALID_OUTPUT', 'no', { tokens_in: 70, tokens_out: 5 }),
      75,
    ],
    ['an answer that broke off', () => refuse('E_PROVIDER_CUT', 'cut'), 158],
    ['an answer that counts nothing', () => used(0, 0), 158],
  ])('%s counts as what is known of it', async (_what, answer, expected) => {
    const at = world(1000);
    const budgeted = budgetedProvider(
      at,
      providerOf(async () => answer()),
      ['shop'],
    );
    await budgeted.chatOnce(request('x'.repeat(150)));
    expect(at.tokenBudget.used('shop')).toBe(expected);
  });

  it('a stream settles at its end, one that nobody reads to its end counts whole', async () => {
    const at = world(1000);
    const budgeted = budgetedProvider(
      at,
      providerOf(async () => used(20, 3)),
      ['shop'],
    );
    const chunks = [];
    for await (const chunk of budgeted.chatStream(request('x'.repeat(150)))) chunks.push(chunk.kind);
    expect(chunks).toEqual(['text', 'end']);
    expect(at.tokenBudget.used('shop')).toBe(23);
    for await (const chunk of budgeted.chatStream(request('x'.repeat(150)))) if (chunk.kind === 'text') break;
    expect(at.tokenBudget.used('shop')).toBe(23 + 158);
    at.clock.advance(60_001);
    expect(at.tokenBudget.used('shop')).toBe(0);
  });

  it('a provider that makes more tokens of a byte than was thought is thought of so from then on', async () => {
    const at = world(30_000);
    const dense = budgetedProvider(
      at,
      providerOf(async () => used(9008, 10)),
      ['shop'],
    );
    const text = request('x'.repeat(9000));
    expect(at.tokenBudget.estimates.most('p', text)).toBe(3108);
    await dense.chatOnce(text);
    expect(at.tokenBudget.estimates.most('p', text)).toBe(9108);
    expect(at.tokenBudget.estimates.most('another', text)).toBe(3108);
    await budgetedProvider(
      at,
      providerOf(async () => used(10, 10)),
      ['shop'],
    ).chatOnce(text);
    expect(at.tokenBudget.estimates.most('p', text), 'one that was lucky once does not make it cheap').toBe(9108);
  });

  it('a provider that counts nonsense, or adds much to little, locks nobody out', async () => {
    const at = world(1_000_000);
    const ask = (text: string, tokensIn: number) =>
      budgetedProvider(
        at,
        providerOf(async () => used(tokensIn, 10)),
        ['shop'],
      ).chatOnce(request(text));
    const text = request('x'.repeat(9000));
    for (const count of [-5000, Number.NaN, 0.5]) await ask('x'.repeat(9000), count);
    await ask('x'.repeat(300), 4000);
    expect(at.tokenBudget.estimates.most('p', text)).toBe(3108);
    await ask('x'.repeat(9000), 900_000);
    expect(at.tokenBudget.estimates.most('p', text)).toBe(9108);
  });

  it('a call that throws counts whole', async () => {
    const at = world(1000);
    const budgeted = budgetedProvider(
      at,
      providerOf(() => Promise.reject(new Error('a bug'))),
      ['shop'],
    );
    await expect(budgeted.chatOnce(request('x'.repeat(150)))).rejects.toThrow('a bug');
    expect(at.tokenBudget.used('shop')).toBe(158);
  });

  it('in any order of reserving, settling and waiting no minute has more than its budget', () => {
    const steps = fc.array(
      fc.oneof(
        fc.record({ kind: fc.constant('reserve' as const), tokens: fc.integer({ min: 1, max: 120 }) }),
        fc.record({ kind: fc.constant('settle' as const), share: fc.double({ min: 0, max: 1, noNaN: true }) }),
        fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 40_000 }) }),
      ),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(steps, (sequence) => {
        const clock = makeManualClock();
        const budget = new TokenBudget(clock, 100);
        const open: { tokens: number; settle(used: number): void }[] = [];
        const spent: { at: number; tokens: number }[] = [];
        for (const step of sequence) {
          if (step.kind === 'wait') clock.advance(step.ms);
          else if (step.kind === 'reserve') {
            const reserved = budget.reserve(['p'], step.tokens);
            if (reserved.ok) open.push({ tokens: step.tokens, settle: (used) => reserved.value.settle(used) });
          } else {
            const next = open.shift();
            const tokens = Math.floor((next?.tokens ?? 0) * step.share);
            next?.settle(tokens);
            if (next !== undefined) spent.push({ at: clock.now(), tokens });
          }
          const minute = spent.filter(({ at }) => at > clock.now() - 60_000);
          const sum = minute.reduce((total, { tokens }) => total + tokens, 0);
          const aside = open.reduce((total, { tokens }) => total + tokens, 0);
          expect(sum + aside).toBeLessThanOrEqual(100);
          expect(budget.used('p')).toBe(sum + aside);
        }
      }),
    );
  });
});
