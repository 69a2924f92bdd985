import { Flags, flagNames, type RouteDefinition, routes } from '@countersign/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditEntries } from '../harness/audit.ts';
import { type Stage, withPeople } from '../harness/describe-server.ts';
import { approve, propose, runToEnd, writeFiles } from '../harness/flow.ts';
import { type OpenOptions, openServer } from '../harness/open-server.ts';
import { expectEnvelope, send } from '../harness/send.ts';
import { requestOf } from './requests.ts';
import { missing } from './subjects.ts';

const table = Object.entries(routes).map(([id, route]): readonly [string, RouteDefinition] => [id, route]);

function withServer(options: OpenOptions): () => Stage {
  let stage: Stage | null = null;
  beforeAll(async () => {
    stage = await withPeople(await openServer('sqlite', options));
  });
  afterAll(() => stage?.close());
  return () => {
    if (stage === null) throw new Error('the server is not open');
    return stage;
  };
}

describe.each(flagNames)('without %s', (flag) => {
  const stage = withServer({ config: { flags: { [flag]: false } } });

  it('exactly its routes are turned off, for everybody, and GET /v1/meta says so (OA-4, OA-17)', async () => {
    const { url, admin, alice } = stage();
    const meta = await alice.client.call('meta');
    expect(meta.flags).toEqual({ ...Flags.parse({}), [flag]: false });
    let off = 0;
    for (const [id, route] of table) {
      const request = requestOf(id, route, missing, 'shop-none');
      for (const token of [null, admin.token]) {
        // What costs a backup or waits is no flag's; that it is on is seen elsewhere.
        if (route.flag !== flag && (id === 'backupMake' || token === null)) continue;
        const answer = await send(url, { ...request, token });
        if (route.flag === flag) {
          const { error } = await expectEnvelope(answer, { code: 'E_CAPABILITY_DISABLED', status: 501 });
          expect(error.detail).toMatchObject({ flag });
          off += 1;
        } else {
          expect(answer.status, id).not.toBe(501);
          await answer.body?.cancel();
        }
      }
    }
    expect(off).toBe(2 * table.filter(([, route]) => route.flag === flag).length);
    expect(off).toBeGreaterThan(0);
    // The worker inside the server works with every flag off.
    const ended = await runToEnd(
      alice.client,
      await propose(alice.client, writeFiles('dev', { 'flag.txt': `${flag}\n` })),
    );
    expect(ended.status).toBe('succeeded');
  }, 60_000);
});

describe('budgets', () => {
  const few = { per_minute: 5 };
  const limits = {
    read: few,
    refused: { per_minute: 3 },
    anonymous: { per_minute: 4 },
    public: { read: { per_minute: 2 } },
  };
  const stage = withServer({ config: { limits } });

  it('each principal, lane and class has its own, said in every answer; a spent one is 429 and in the log once (OA-13, OR-2)', async () => {
    const { url, vera, bob } = stage();
    const get = (path: string, token: string) => send(url, { path, token });
    for (let left = 4; left >= 0; left -= 1) {
      const answer = await get('/v1/whoami', vera.token);
      await answer.body?.cancel();
      expect([answer.status, answer.headers.get('ratelimit-policy')]).toEqual([200, '"minute";q=5;w=60']);
      expect(answer.headers.get('ratelimit')).toMatch(new RegExp(`^"minute";r=${left};t=\\d+$`));
    }
    for (let index = 0; index < 3; index += 1) {
      const refused = await get('/v1/ops', vera.token);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      const { error } = await expectEnvelope(refused, { code: 'E_RATE_LIMITED', status: 429 });
      expect(error.detail).toMatchObject({ limit: 5, budget: 'minute' });
    }
    expect((await get('/v1/whoami', bob.token)).status).toBe(200);
    const open = await get('/v1/public/ops', vera.token);
    expect([open.status, open.headers.get('ratelimit-policy')]).toEqual([
      200,
      '"minute";q=2;w=60, "day";q=500000;w=86400',
    ]);
    expect((await get('/livez', vera.token)).headers.get('ratelimit')).toBeNull();
    const entries = await auditEntries(stage(), { event: 'limit.reached', actor: 'vera' });
    expect(entries).toMatchObject([{ outcome: 'refused', detail: { budget: 'minute', quota: 5 } }]);
  });

  it('a flood of wrong tokens is refused without an entry each, and holds up nobody with a valid one', async () => {
    const { url, alice } = stage();
    const wrong = () => send(url, { path: '/v1/whoami', token: 'csn_wrong' });
    for (let index = 0; index < 3; index += 1)
      await expectEnvelope(await wrong(), { code: 'E_AUTH_INVALID', status: 401 });
    for (let index = 0; index < 20; index += 1)
      await expectEnvelope(await wrong(), { code: 'E_RATE_LIMITED', status: 429 });
    expect((await send(url, { path: '/v1/whoami', token: alice.token })).status).toBe(200);
    const { admin } = stage();
    const entries = (await admin.client.call('audit', { query: { event: 'auth.refused', limit: 500 } })).entries;
    expect(entries).toHaveLength(3);
  });

  it('whoever shows no credential is counted by address', async () => {
    const statuses: number[] = [];
    for (let index = 0; index < 6; index += 1) {
      const answer = await send(stage().url, { path: '/v1/trust' });
      statuses.push(answer.status);
      await answer.body?.cancel();
    }
    expect(statuses).toEqual([200, 200, 200, 200, 429, 429]);
  });
});

describe('administration', () => {
  const stage = withServer({ config: { admin: { port: 0 } } });

  it('is served at its own address alone, when it has one (OA-1)', async () => {
    const { url, running, admin } = stage();
    const own = running.adminUrl;
    if (own === null) throw new Error('administration has no address');
    const { token } = admin;
    const ask = async (base: string, path: string, method = 'GET') =>
      (await send(base, { path, token, method })).status;
    expect(await ask(own, '/v1/dev/storage')).toBe(200);
    expect(await ask(url, '/v1/dev/storage')).toBe(404);
    expect(await ask(url, '/v1/dev/panic', 'PUT')).toBe(404);
    expect(await ask(url, '/v1/ops')).toBe(200);
    for (const path of ['/v1/ops', '/v1/public/ops', '/v1/whoami', '/metrics', '/tree'])
      expect(await ask(own, path), path).toBe(404);
    for (const path of ['/livez', '/readyz']) expect(await ask(own, path), path).toBe(200);
  });
});

describe('tokens and traces', () => {
  const stage = withServer({});

  it('a token is narrowed by grants and scopes, makes none that is wider, and is counted (OA-13, DO-19)', async () => {
    const { bearer, admin, url } = stage();
    const grants = [{ role: 'actions', project: 'shop', environment: 'dev' } as const];
    const dev = await bearer({
      name: 'dev',
      kind: 'person',
      grants,
      scopes: ['operations:read', 'operations:propose', 'tokens'],
    });
    expect(await dev.client.call('whoami')).toMatchObject({ role: 'actions', grants, ai: false });
    const proposed = await propose(dev.client, writeFiles('dev', { 'scope.txt': 'x\n' }));
    expect(proposed.state).toBe('planned');
    await expect(propose(dev.client, writeFiles('prod', { 'scope.txt': 'x\n' }))).rejects.toMatchObject({
      code: 'E_TARGET_UNKNOWN',
    });
    await expect(dev.client.call('opsExecute', { body: { op_id: proposed.op_id } })).rejects.toMatchObject({
      code: 'E_AUTH_FORBIDDEN',
      detail: { scope: 'operations:run' },
    });
    const agent = { name: 'bot', kind: 'agent' } as const;
    const wider = [
      { ...agent, role: 'actions' as const },
      { ...agent, grants: [{ role: 'actions', project: 'shop', environment: '*' } as const] },
      { ...agent, grants, scopes: ['audit:read' as const] },
    ];
    for (const body of wider)
      await expect(bearer(body, dev.client)).rejects.toMatchObject({ code: 'E_AUTH_FORBIDDEN' });
    for (const body of [
      { ...agent },
      { ...agent, grants, role: 'viewer' as const },
      { ...agent, grants, groups: ['x'] },
    ]) {
      await expect(bearer(body, dev.client)).rejects.toMatchObject({ code: 'E_VALIDATION' });
    }
    const bot = await bearer({ ...agent, grants }, dev.client);
    expect((await bot.client.call('whoami')).scopes).toEqual(['operations:propose', 'operations:read', 'tokens']);
    const own = (await dev.client.call('tokenList')).tokens;
    expect(own.map(({ name }) => name).sort()).toEqual(['bot', 'dev']);
    expect(own.find(({ name }) => name === 'bot')).toMatchObject({
      created_by: dev.tokenId,
      root: 'dev',
      ai: true,
      grants,
    });
    await expect(bot.client.call('tokenRevoke', { params: { token_id: dev.tokenId } })).rejects.toMatchObject({
      code: 'E_NOT_FOUND',
    });
    await dev.client.call('tokenRevoke', { params: { token_id: bot.tokenId } });
    await expectEnvelope(await send(url, { path: '/v1/whoami', token: bot.token }), {
      code: 'E_AUTH_INVALID',
      status: 401,
    });
    await expect
      .poll(async () => (await admin.client.call('tokenList')).tokens.find(({ name }) => name === 'dev')?.use_count, {
        timeout: 10_000,
      })
      .toBeGreaterThan(9);
  }, 60_000);

  it("a trace's id goes through plan, run, worker and seal into every entry of the operation", async () => {
    const { url, alice, bob } = stage();
    const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
    const headers = { traceparent: `00-${trace}-00f067aa0ba902b7-01`, prefer: 'wait=30' };
    const answer = await send(url, {
      path: '/v1/ops/plan',
      token: alice.token,
      body: writeFiles('prod', { 'trace.txt': 'x\n' }),
      headers,
    });
    expect(answer.headers.get('x-request-id')).toBe(trace);
    const { op_id: opId }: { op_id: string } = JSON.parse(await answer.text());
    await approve(bob.client, opId);
    await runToEnd(alice.client, await alice.client.call('opsGet', { params: { op_id: opId } }));
    const entries = await auditEntries(stage(), { subject: opId });
    const traced = entries.filter(({ correlation_id }) => correlation_id === trace).map(({ event }) => event);
    for (const event of [
      'operation.proposed',
      'plan.made',
      'run.started',
      'step.intent',
      'step.outcome',
      'run.succeeded',
    ])
      expect(traced, event).toContain(event);
  }, 60_000);
});
