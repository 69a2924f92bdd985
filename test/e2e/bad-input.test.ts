import { expect, it } from 'vitest';
import { badRequests, goodProposal, zeroDigest } from './harness/bad-requests.ts';
import { describeServer, type Stage } from './harness/describe-server.ts';
import { digestOf, propose, show, writeFiles } from './harness/flow.ts';
import { rowCounts } from './harness/row-counts.ts';
import { type ExpectedError, expectEnvelope, send, sendLine } from './harness/send.ts';

describeServer('bad input', {}, (stage) => {
  it.each(badRequests)(
    '%s is refused with its code, field and next step, and writes nothing (DO-2, DO-4, DO-14, OA-3, OR-9)',
    async (_what, request, expected) => {
      const { url, alice } = stage();
      const before = await rowCounts(stage());
      const sent = { ...request, token: request.token === undefined ? alice.token : request.token };
      const envelope = await expectEnvelope(await send(url, sent), expected);
      if (expected.code === 'E_TARGET_AMBIGUOUS') {
        expect(envelope.error.detail?.['choices']).toMatchObject([
          { target: 'shop-dev' },
          { target: 'shop-stage' },
          { target: 'shop-prod' },
        ]);
      }
      const problem = await send(url, { ...sent, headers: { ...sent.headers, accept: 'application/problem+json' } });
      expect(problem.headers.get('content-type')).toMatch(/^application\/problem\+json/);
      expect(await problem.json()).toMatchObject({
        status: expected.status,
        code: expected.code,
        type: `urn:countersign:error:${expected.code}`,
        instance: problem.headers.get('x-request-id'),
      });
      expect(await rowCounts(stage())).toEqual(before);
    },
  );

  it('a request line that no client would send gets the envelope too (OA-3)', async () => {
    for (const line of ['GET /%', 'GET /%ff%zz', 'GET /v1/ops/%E0%A4%A']) {
      const answer = await sendLine(stage().url, line);
      expect(answer).toMatch(/^HTTP\/1\.1 400 /);
      expect(answer).toContain('"code":"E_BAD_REQUEST"');
      expect(answer.toLowerCase()).toContain('x-request-id:');
    }
  });

  it('a given x-request-id comes back, one that is no id is replaced (OA-3)', async () => {
    const { url, alice } = stage();
    const given = await send(url, {
      path: '/v1/nothing',
      token: alice.token,
      headers: { 'x-request-id': 'trace-1.a' },
    });
    expect(await given.json()).toMatchObject({ request_id: 'trace-1.a' });
    const bad = await send(url, { path: '/v1/nothing', token: alice.token, headers: { 'x-request-id': 'a"b c' } });
    expect(bad.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('a decision or a start with the wrong digest, or before the plan was shown, writes nothing (CP-10, OR-9)', async () => {
    const { url, alice, bob, admin } = stage();
    const planned = await propose(alice.client, writeFiles('prod', { 'w.txt': 'w\n' }));
    const { op_id } = planned;
    await show(bob.client, op_id);
    const digest = digestOf(planned);
    const before = await rowCounts(stage());
    const cases: readonly (readonly [string, string, unknown, ExpectedError])[] = [
      [
        bob.token,
        `/v1/ops/${op_id}/approve`,
        { digest: zeroDigest },
        { code: 'E_DIGEST_MISMATCH', status: 409, field: 'digest' },
      ],
      [bob.token, `/v1/ops/${op_id}/approve`, {}, { code: 'E_VALIDATION', status: 422, field: '/digest' }],
      [admin.token, `/v1/ops/${op_id}/approve`, { digest }, { code: 'E_PLAN_NOT_SHOWN', status: 409 }],
      [
        alice.token,
        '/v1/ops/execute',
        { op_id, digest: zeroDigest },
        { code: 'E_DIGEST_MISMATCH', status: 409, field: 'digest' },
      ],
      [admin.token, '/v1/ops/execute', { op_id }, { code: 'E_PLAN_NOT_SHOWN', status: 409 }],
      [alice.token, '/v1/ops/execute', { op_id, digest }, { code: 'E_APPROVAL_REQUIRED', status: 409 }],
      [bob.token, `/v1/ops/${op_id}/resolve`, { outcome: 'applied', reason: 'r' }, { code: 'E_STATE', status: 409 }],
      [alice.token, `/v1/ops/${op_id}/rollback`, {}, { code: 'E_STATE', status: 409 }],
    ];
    for (const [token, path, body, expected] of cases) {
      await expectEnvelope(await send(url, { path, token, body }), expected);
    }
    expect(await rowCounts(stage())).toEqual(before);
  });
});

describeServer('without a worker', { worker: false }, (stage: () => Stage) => {
  it('a proposal and a read are refused at once, and health says why (DO-3, DO-14)', async () => {
    const { url, alice } = stage();
    const before = await rowCounts(stage());
    const [step] = goodProposal.steps;
    for (const [path, body] of [
      ['/v1/ops/plan', goodProposal],
      ['/v1/actions/execute', { request_id: 'r-1', target: 'shop-dev', action: step?.action, inputs: step?.inputs }],
      ['/v1/actions/execute', { request_id: 'r-2', target: 'shop-dev', action: 'repo.status' }],
    ] as const) {
      const startedAt = performance.now();
      const answer = await send(url, { path, token: alice.token, body });
      expect(performance.now() - startedAt).toBeLessThan(2000);
      await expectEnvelope(answer, { code: 'E_WORKER_UNAVAILABLE', status: 503 });
    }
    expect(await rowCounts(stage())).toEqual(before);
    const health = await alice.client.call('health');
    const connectors = [
      { connector: 'agent', status: 'ready' },
      { connector: 'repo', status: 'unavailable' },
    ];
    expect(health).toMatchObject({ status: 'degraded', connectors });
  });
});
