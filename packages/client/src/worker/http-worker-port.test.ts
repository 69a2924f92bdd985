import { CodedError } from '@countersign/protocol';
import { expect, onTestFinished, test } from 'vitest';
import { connect } from '../connection/client.ts';
import { answerError, answerJson, bodyOf, serveUntil } from '../fake-server/fake-server.ts';
import { httpWorkerPort } from './http-worker-port.ts';

const fence = {
  job_id: '019a0000-0000-7000-8000-000000000001',
  fence: 3,
  instance: '019a0000-0000-7000-8000-000000000002',
};
const claim = { worker: 'w1', instance: fence.instance, kinds: ['run' as const], wait_ms: 30_000 };

test('each verb goes to its route with its fence, and its answer is parsed', async () => {
  const seen: unknown[] = [];
  const url = await serveUntil(onTestFinished, async (request, response) => {
    seen.push([request.url, JSON.parse(await bodyOf(request))]);
    const answers: Record<string, unknown> = {
      '/v1/worker/claim': { job: null },
      '/v1/worker/heartbeat': { lease_ms: 1000, cancel: true, panic: false },
      '/v1/worker/intent': { go: false, why: 'panic' },
    };
    answerJson(response, 200, answers[request.url ?? ''] ?? {});
  });
  const port = httpWorkerPort(connect({ url, token: 't' }));
  expect(await port.claim(claim, new AbortController().signal)).toBeNull();
  expect(await port.heartbeat(fence)).toEqual({ lease_ms: 1000, cancel: true, panic: false });
  const intent = { index: 0, before: null, guard: null };
  expect(await port.recordIntent(fence, intent)).toEqual({ go: false, why: 'panic' });
  const outcome = { index: 0, outcome: 'applied' as const, after: { a: 1 }, guard: null };
  await port.recordOutcome(fence, outcome);
  await expect(
    port.register({ worker: 'w1', instance: fence.instance, version: '1', targets: [], manifests: [] }),
  ).rejects.toMatchObject({ code: 'E_INTERNAL' });
  expect(seen.slice(0, 4)).toEqual([
    ['/v1/worker/claim', claim],
    ['/v1/worker/heartbeat', { fence }],
    ['/v1/worker/intent', { fence, request: intent }],
    ['/v1/worker/outcome', { fence, request: outcome }],
  ]);
});

test('calls about a job carry the correlation id of its operation, until it is over', async () => {
  const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
  const seen: unknown[] = [];
  const url = await serveUntil(onTestFinished, async (request, response) => {
    await bodyOf(request);
    seen.push([request.url, request.headers['x-request-id'], request.headers.traceparent]);
    const job = {
      job_id: fence.job_id,
      kind: 'read',
      fence: 3,
      lease_ms: 1000,
      op_id: fence.instance,
      correlation_id: trace,
      run_id: null,
      target: { name: 'shop', project: 'store', environment: 'dev', tier: 'dev', connector: 'repo' },
      steps: [{ action: 'repo.status', inputs: {}, index: 0, idempotency_key: 'k' }],
      secrets: [],
      plan: null,
      plan_digest: null,
      done: [],
      intent: null,
    };
    const answers: Record<string, unknown> = {
      '/v1/worker/claim': { job },
      '/v1/worker/heartbeat': { lease_ms: 1000, cancel: false, panic: false },
    };
    answerJson(response, 200, answers[request.url ?? ''] ?? {});
  });
  const port = httpWorkerPort(connect({ url, token: 't' }));
  await port.claim(claim, new AbortController().signal);
  await port.heartbeat(fence);
  await port.complete(fence, { kind: 'read', result: 'succeeded', artifacts: [] });
  await port.heartbeat(fence);
  const parent = expect.stringMatching(/^00-4bf92f3577b34da6a3ce929d0e0e4736-[0-9a-f]{16}-01$/);
  expect(seen).toEqual([
    ['/v1/worker/claim', undefined, undefined],
    ['/v1/worker/heartbeat', trace, parent],
    ['/v1/worker/complete', trace, parent],
    ['/v1/worker/heartbeat', undefined, undefined],
  ]);
});

test('a lost lease is a CodedError with that code', async () => {
  const url = await serveUntil(onTestFinished, (_request, response) => answerError(response, 409, 'E_LEASE_LOST'));
  const error = await httpWorkerPort(connect({ url }))
    .heartbeat(fence)
    .catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(CodedError);
  expect(error).toMatchObject({ code: 'E_LEASE_LOST' });
});

test('a claim can be aborted while it waits', async () => {
  const url = await serveUntil(onTestFinished, () => undefined);
  const stop = new AbortController();
  const waiting = httpWorkerPort(connect({ url })).claim(claim, stop.signal);
  setTimeout(() => stop.abort(new Error('shutting down')), 20);
  await expect(waiting).rejects.toThrow('shutting down');
});
