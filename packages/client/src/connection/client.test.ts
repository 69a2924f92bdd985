import { CodedError } from '@countersign/protocol';
import { expect, expectTypeOf, onTestFinished, test } from 'vitest';
import { answerError, answerJson, bodyOf, serveUntil } from '../fake-server/fake-server.ts';
import { ApiError } from './api-error.ts';
import { connect } from './client.ts';

const opId = '019a0000-0000-7000-8000-000000000001';
const caught = (work: Promise<unknown>) =>
  work.then(
    () => expect.fail('expected an error'),
    (error: unknown) => (error instanceof ApiError ? error : expect.fail(`not an ApiError: ${error}`)),
  );

test('path, query, body and token go where the route table says', async () => {
  const seen: unknown[] = [];
  const url = await serveUntil(onTestFinished, async (request, response) => {
    const { authorization, prefer, 'user-agent': agent } = request.headers;
    seen.push([request.method, request.url, authorization, prefer, agent, await bodyOf(request)]);
    answerJson(response, 200, request.method === 'PUT' ? { on: true } : { operations: [] });
  });
  const client = connect({ url: `${url}/`, token: 'secret', userAgent: 'test/1' });
  await client.call('opsList', { query: { state: 'planned', limit: 7, before: undefined } });
  await client.call('panicSet', { body: { on: true, reason: 'why' }, preferWaitSeconds: 3 });
  expect(seen).toEqual([
    ['GET', '/v1/ops?state=planned&limit=7', 'Bearer secret', undefined, 'test/1', ''],
    ['PUT', '/v1/dev/panic', 'Bearer secret', 'wait=3', 'test/1', '{"on":true,"reason":"why"}'],
  ]);
});

test('parameters are encoded, and a dot segment never reaches another route', async () => {
  const paths: (string | undefined)[] = [];
  const url = await serveUntil(onTestFinished, (request, response) => {
    paths.push(request.url);
    answerError(response, 404, 'E_NOT_FOUND');
  });
  const client = connect({ url });
  await caught(client.call('actionStatus', { params: { request_id: 'a/b?c#d%' } }));
  await expect(client.call('actionStatus', { params: { request_id: '..' } })).rejects.toThrow('not a path segment');
  expect(paths).toEqual(['/v1/actions/a%2Fb%3Fc%23d%25']);
});

test('request and answer types come from the route table', () => {
  const client = connect({ url: 'http://127.0.0.1:1' });
  type Call = typeof client.call<'opsReject'>;
  expectTypeOf<Parameters<Call>[1]['body']>().toEqualTypeOf<{ digest?: string | undefined; reason: string }>();
  expectTypeOf(client.call<'livez'>).returns.resolves.toEqualTypeOf<{ status: 'ok' }>();
  expectTypeOf(client.call<'artifact'>).returns.resolves.toEqualTypeOf<Uint8Array>();
  // @ts-expect-error opsGet has a parameter
  const withoutParams = () => client.call('opsGet');
  // @ts-expect-error a stream is no call
  const stream = () => client.call('opsEvents', { params: { op_id: opId } });
  expect([typeof withoutParams, typeof stream]).toEqual(['function', 'function']);
});

test('a refusal keeps code, detail, status and request id', async () => {
  const url = await serveUntil(onTestFinished, (_request, response) =>
    answerError(response, 422, 'E_VALIDATION', { field: '/steps' }),
  );
  const error = await caught(connect({ url }).call('whoami'));
  expect(error).toBeInstanceOf(CodedError);
  expect(error).toMatchObject({ code: 'E_VALIDATION', status: 422, requestId: 'req-9', detail: { field: '/steps' } });
});

test('a code this version does not know is E_INTERNAL with the original beside it', async () => {
  const url = await serveUntil(onTestFinished, (_request, response) => answerError(response, 418, 'E_NEW'));
  expect(await caught(connect({ url }).call('whoami'))).toMatchObject({
    code: 'E_INTERNAL',
    status: 418,
    detail: { server_code: 'E_NEW' },
  });
});

test('an answer of another shape, another status or a redirect is not taken', async () => {
  const url = await serveUntil(onTestFinished, (request, response) => {
    if (request.url === '/livez') answerJson(response, 200, { status: 'fine' });
    else if (request.url === '/version') answerJson(response, 206, { version: '1' });
    else response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end();
  });
  const client = connect({ url });
  expect((await caught(client.call('livez'))).message).toContain('status: Invalid input');
  expect((await caught(client.call('version'))).message).toContain('status 206');
  expect((await caught(client.call('whoami'))).message).toContain('redirect');
});

test('no server: says where and how to start it, once', async () => {
  const error = await caught(connect({ url: 'http://127.0.0.1:59325' }).call('whoami'));
  expect(error.message).toBe(
    'cannot reach the server at http://127.0.0.1:59325: is it running? start it with `npx countersign serve`',
  );
  expect([error.code, error.status]).toEqual(['E_TARGET_UNREACHABLE', 0]);
  // A second try would come after 150 ms at the earliest; a busy machine may hold up some of these, not all.
  const took: number[] = [];
  for (let round = 0; round < 10 && Math.min(...took) >= 140; round += 1) {
    const started = performance.now();
    await caught(connect({ url: 'http://127.0.0.1:59325' }).call('whoami'));
    took.push(performance.now() - started);
  }
  expect(Math.min(...took)).toBeLessThan(140);
});

test('a GET is tried again over a broken connection, a POST never', async () => {
  let count = 0;
  const url = await serveUntil(onTestFinished, (request, response) => {
    count += 1;
    if (count < 3 || request.method === 'POST') request.socket.destroy();
    else answerJson(response, 200, { status: 'ok' });
  });
  const client = connect({ url });
  expect(await client.call('livez')).toEqual({ status: 'ok' });
  expect(count).toBe(3);
  await caught(client.call('opsCancel', { params: { op_id: opId }, body: {} }));
  expect(count).toBe(4);
});

test('the time limit is told as such; the own signal keeps its reason', async () => {
  const url = await serveUntil(onTestFinished, () => undefined);
  const client = connect({ url });
  expect((await caught(client.call('whoami', { timeoutMs: 30 }))).code).toBe('E_TIMEOUT');
  const stop = new AbortController();
  const call = client.call('whoami', { signal: stop.signal });
  stop.abort(new Error('enough'));
  await expect(call).rejects.toThrow('enough');
});

test.each(['ftp://x', 'http://user:pass@x', 'not a url', 'http://x/?token=1'])('%s is no server address', (url) => {
  expect(() => connect({ url })).toThrow(CodedError);
});
