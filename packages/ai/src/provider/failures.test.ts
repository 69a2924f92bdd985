import { createServer, type RequestListener, type Server } from 'node:http';
import { CodedError } from '@countersign/protocol';
import { type ScriptedModels, startModels } from '@countersign/testing/models';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { canaries, kinds, providerAt, requestOf } from '../fixture/wire-provider.ts';

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

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}`;
}

/** Neither key nor prompt nor the provider's own words are in what people or logs get. */
function expectClean(outcome: unknown): void {
  const text = JSON.stringify(outcome);
  for (const canary of [canaries.key, canaries.prompt, 'UPSTREAM-WORDS']) expect(text).not.toContain(canary);
}

describe.each(kinds)('%s', (...kind) => {
  it.each([
    [429, 'E_PROVIDER_RATE_LIMITED', 3],
    [503, 'E_PROVIDER_UNAVAILABLE', 3],
    [500, 'E_PROVIDER_UPSTREAM', 3],
    [401, 'E_PROVIDER_AUTH', 1],
    [403, 'E_PROVIDER_AUTH', 1],
    [404, 'E_PROVIDER_MODEL_NOT_FOUND', 1],
    [400, 'E_PROVIDER_REJECTED', 1],
  ])('%i is %s after %i attempt(s), with a next step', async (status, code, attempts) => {
    models.answer(() => ({ status, message: `UPSTREAM-WORDS ${canaries.key}` }));
    const before = models.requests().length;
    const outcome = await providerAt(models.url, kind).chatOnce(requestOf());
    expect(outcome).toMatchObject({ ok: false, code, detail: { next: expect.stringMatching(/\w/) } });
    expect(models.requests().length - before).toBe(attempts);
    expectClean(outcome);
  });

  it('503, then 200: the second attempt answers', async () => {
    let count = 0;
    models.answer(() => {
      count += 1;
      return count === 1 ? { status: 503 } : { text: '{"name":"web"}', tokensIn: 5, tokensOut: 2 };
    });
    const outcome = await providerAt(models.url, kind).chatOnce(requestOf());
    expect(outcome).toMatchObject({
      ok: true,
      value: { object: { name: 'web' }, usage: { tokensIn: 5, tokensOut: 2 } },
    });
    expect(count).toBe(2);
  });

  it.each([
    ['no JSON', 'I would rather not.', ''],
    ['another schema', '{"name":7,"extra":"UPSTREAM-WORDS"}', '/name'],
  ])('%s is invalid output, with what it cost', async (_what, text, field) => {
    models.answer(() => ({ text, tokensIn: 30, tokensOut: 7 }));
    const outcome = await providerAt(models.url, kind).chatOnce(requestOf());
    expect(outcome).toMatchObject({
      ok: false,
      code: 'E_PROVIDER_INVALID_OUTPUT',
      detail: { tokens_in: 30, tokens_out: 7, problems: expect.arrayContaining([expect.objectContaining({ field })]) },
    });
    expectClean(outcome);
  });

  it('JSON between fences is JSON', async () => {
    models.answer(() => ({ text: '```json\n{"name":"web"}\n```', tokensIn: 1, tokensOut: 1 }));
    expect(await providerAt(models.url, kind).chatOnce(requestOf())).toMatchObject({
      ok: true,
      value: { object: { name: 'web' } },
    });
  });

  it('a stream that was cut ends as cut, after what it said, and is not begun anew', async () => {
    models.answer(() => ({ text: 'one two three four five six', tokensIn: 1, tokensOut: 6 }), {
      chunkSize: 4,
      truncateAfterChunks: 4,
      latency: 40,
    });
    const before = models.requests().length;
    const chunks = [];
    for await (const chunk of providerAt(models.url, kind).chatStream(requestOf({ schema: null }))) chunks.push(chunk);
    expect(chunks.some((chunk) => chunk.kind === 'text')).toBe(true);
    expect(chunks.at(-1)).toMatchObject({ kind: 'end', outcome: { ok: false, code: 'E_PROVIDER_CUT' } });
    expect(models.requests().length - before).toBe(1);
  });

  it('one that hangs is over in its time; one that nobody waits for ends at once', async () => {
    const url = await serve(() => undefined);
    const startedAt = performance.now();
    const late = await providerAt(url, kind).chatOnce(requestOf({ timeoutMs: 200 }));
    expect(late).toMatchObject({ ok: false, code: 'E_PROVIDER_TIMEOUT' });
    expect(performance.now() - startedAt).toBeLessThan(3000);
    const controller = new AbortController();
    const work = providerAt(url, kind).chatOnce(requestOf({ signal: controller.signal }));
    setTimeout(() => controller.abort(), 20);
    expect(await work).toMatchObject({ ok: false, code: 'E_PROVIDER_CANCELLED' });
    expectClean(late);
  });

  it('one that trickles is over in its time', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const timer = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(timer));
    });
    const outcome = await providerAt(url, kind).chatOnce(requestOf({ timeoutMs: 300 }));
    expect(outcome).toMatchObject({ ok: false, code: 'E_PROVIDER_TIMEOUT' });
  });

  it('one that resets amid its answer is cut; one that answers something else failed', async () => {
    const cut = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
      response.write('{"id":');
      setTimeout(() => response.destroy(), 10);
    });
    expect(await providerAt(cut, kind).chatOnce(requestOf())).toMatchObject({ ok: false, code: 'E_PROVIDER_CUT' });
    const garbage = await serve((_request, response) => response.end('<html>UPSTREAM-WORDS</html>'));
    const outcome = await providerAt(garbage, kind).chatOnce(requestOf());
    expect(outcome).toMatchObject({ ok: false, code: 'E_PROVIDER_UPSTREAM' });
    expectClean(outcome);
  });

  it('an offline one is a clear error within milliseconds, with how to look', async () => {
    const outcome = await providerAt('http://127.0.0.1:9', kind).chatOnce(requestOf());
    expect(outcome).toMatchObject({
      ok: false,
      code: 'E_PROVIDER_UNAVAILABLE',
      message: expect.stringContaining('http://127.0.0.1:9'),
      detail: { next: expect.stringContaining('countersign provider test') },
    });
    expect(await providerAt('http://127.0.0.1:9', kind).healthcheck(new AbortController().signal)).toMatchObject({
      ok: false,
      code: 'E_PROVIDER_UNAVAILABLE',
    });
  });
});

describe('attempts', () => {
  const [kind] = kinds;
  if (kind === undefined) throw new Error('no kind');

  it('wait as long as the provider asks, and not at all where that is past the deadline', async () => {
    const url = await serve((_request, response) => response.writeHead(429, { 'retry-after': '2' }).end('{}'));
    const waits: number[] = [];
    const wait = async (ms: number) => {
      waits.push(ms);
    };
    const patient = await providerAt(url, kind, {}, { wait }).chatOnce(requestOf({ timeoutMs: 60_000 }));
    expect(waits).toEqual([2000, 2000]);
    expect(patient).toMatchObject({ ok: false, code: 'E_PROVIDER_RATE_LIMITED', detail: { retry_after_ms: 2000 } });
    waits.length = 0;
    await providerAt(url, kind, {}, { wait }).chatOnce(requestOf({ timeoutMs: 1500 }));
    expect(waits).toEqual([]);
  });

  it('grow apart with jitter', async () => {
    models.answer(() => ({ status: 503 }));
    const waits: number[] = [];
    const host = { random: () => 1, wait: async (ms: number) => void waits.push(ms) };
    await providerAt(models.url, kind, {}, host).chatOnce(requestOf());
    await providerAt(models.url, kind, {}, { ...host, random: () => 0 }).chatOnce(requestOf());
    expect(waits).toEqual([250, 500, 125, 250]);
  });

  it('a used-up quota is not tried again', async () => {
    models.answer(() => ({ status: 429, code: 'insufficient_quota' }));
    const before = models.requests().length;
    expect(await providerAt(models.url, kind).chatOnce(requestOf())).toMatchObject({ code: 'E_PROVIDER_RATE_LIMITED' });
    expect(models.requests().length - before).toBe(1);
  });

  it('after five failures in a row nothing is asked for a while; then one tries, and decides', async () => {
    let now = 0;
    let status = 503;
    models.answer(() => (status === 200 ? { text: '{"name":"web"}', tokensIn: 1 } : { status }));
    const provider = providerAt(models.url, kind, {}, { now: () => now });
    const asked = async () => {
      const before = models.requests().length;
      const outcome = await provider.chatOnce(requestOf());
      return [outcome.ok ? 'ok' : outcome.code, models.requests().length - before];
    };
    expect(await asked()).toEqual(['E_PROVIDER_UNAVAILABLE', 3]);
    expect(await asked()).toEqual(['E_PROVIDER_UNAVAILABLE', 2]);
    expect(await asked()).toEqual(['E_PROVIDER_UNAVAILABLE', 0]);
    now += 14_999;
    expect(await asked()).toEqual(['E_PROVIDER_UNAVAILABLE', 0]);
    now += 1;
    expect(await asked()).toEqual(['E_PROVIDER_UNAVAILABLE', 1]);
    now += 15_000;
    status = 200;
    expect(await asked()).toEqual(['ok', 1]);
    expect(await asked()).toEqual(['ok', 1]);
  });

  it('a refusal of the request itself does not open the breaker', async () => {
    models.answer(() => ({ status: 400 }));
    const provider = providerAt(models.url, kind);
    for (let index = 0; index < 8; index += 1) await provider.chatOnce(requestOf());
    models.answer(() => ({ text: '{"name":"web"}' }));
    expect(await provider.chatOnce(requestOf())).toMatchObject({ ok: true });
  });

  it('what may not leave is no use trying again, and a variable that is not set is named', async () => {
    let calls = 0;
    const refused = providerAt(
      models.url,
      kind,
      {},
      {
        fetch: async () => {
          calls += 1;
          throw new CodedError('E_OUTBOUND_REFUSED', 'https://x.example: it leads to a private address', {
            next: 'name it',
          });
        },
      },
    );
    expect(await refused.chatOnce(requestOf())).toMatchObject({
      code: 'E_PROVIDER_UNAVAILABLE',
      detail: { next: 'name it' },
    });
    expect(calls).toBe(1);
    const keyless = providerAt(models.url, kind, {
      key: () => {
        throw new CodedError('E_CONFIG', 'provider "x" has its key in MY_KEY, which is not set');
      },
    });
    expect(await keyless.chatOnce(requestOf())).toMatchObject({
      code: 'E_PROVIDER_AUTH',
      message: expect.stringContaining('MY_KEY'),
    });
  });

  it('a stream is begun anew only before its first piece', async () => {
    let count = 0;
    models.answer(() => {
      count += 1;
      return count === 1 ? { status: 503 } : { text: 'whole', tokensIn: 1, tokensOut: 1 };
    });
    const chunks = [];
    for await (const chunk of providerAt(models.url, kind).chatStream(requestOf({ schema: null }))) chunks.push(chunk);
    expect(chunks).toMatchObject([
      { kind: 'text', text: 'whole' },
      { kind: 'end', outcome: { ok: true } },
    ]);
    expect(count).toBe(2);
  });
});
