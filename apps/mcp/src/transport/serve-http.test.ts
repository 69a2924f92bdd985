import { createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { startMcpHttp } from './serve-http.ts';

const principal = {
  id: 'agent:alice/robo',
  name: 'robo',
  kind: 'agent',
  role: 'actions',
  grants: [],
  groups: [],
  scopes: null,
  root: 'alice',
  ai: true,
};

/** A server that knows one token, and notes what reached it. */
async function installation() {
  const seen: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    seen.push(request);
    const known = request.headers.authorization === 'Bearer csn_known';
    const worker = request.headers.authorization === 'Bearer csn_worker';
    const [status, body] = known
      ? [200, request.url === '/v1/whoami' ? principal : { approved: [] }]
      : [
          worker ? 403 : 401,
          { error: { code: worker ? 'E_AUTH_FORBIDDEN' : 'E_AUTH_INVALID', message: 'no' }, request_id: 'r' },
        ];
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close().closeAllConnections());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { url: `http://127.0.0.1:${address.port}`, seen };
}

async function bridgeTo(url: string) {
  const told: string[] = [];
  const shared = { version: '1', trust: null, repository: null, tell: (message: string) => void told.push(message) };
  const running = await startMcpHttp({ ...shared, url, host: '127.0.0.1', port: 0, allowedHosts: ['mcp.example.com'] });
  onTestFinished(() => running.stop());
  return { url: new URL(running.url), told };
}

const list = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} });

function ask(
  url: URL,
  headers: Record<string, string>,
  change: { path?: string; method?: string; body?: string } = {},
) {
  return new Promise<{ status: number; text: string; challenge: string | undefined }>((resolve, reject) => {
    const sent = httpRequest(
      {
        host: url.hostname,
        port: url.port,
        path: change.path ?? url.pathname,
        method: change.method ?? 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          authorization: 'Bearer csn_known',
          ...headers,
        },
      },
      async (response) => {
        const chunks: Uint8Array[] = [];
        for await (const chunk of response) chunks.push(chunk);
        const text = Buffer.concat(chunks).toString('utf8');
        resolve({ status: response.statusCode ?? 0, text, challenge: response.headers['www-authenticate'] });
      },
    );
    sent.on('error', reject);
    sent.end(change.body ?? list);
  });
}

test('a known token is let through and reaches the installation alone', async () => {
  const { url, seen } = await installation();
  const { url: mcp } = await bridgeTo(url);
  const answer = await ask(mcp, {});
  expect(answer.status).toBe(200);
  expect(answer.text).toContain('search_actions');
  expect(seen.map(({ url: path, headers }) => [path, headers.authorization])).toEqual([
    ['/v1/whoami', 'Bearer csn_known'],
  ]);
});

test.each([
  ['no token', { authorization: '' }, 401, 0],
  ['another scheme', { authorization: 'Basic YTpi' }, 401, 0],
  ['two tokens', { authorization: 'Bearer a b' }, 401, 0],
  ['an unknown token', { authorization: 'Bearer csn_other' }, 401, 1],
  ['a token that may not be used here', { authorization: 'Bearer csn_worker' }, 403, 1],
  ['a page elsewhere', { origin: 'https://elsewhere.example' }, 403, 0],
  ['an opaque page', { origin: 'null' }, 403, 0],
  ['a rebound name', { host: 'rebound.example' }, 403, 0],
  ['a name that begins alike', { host: 'localhost.example' }, 403, 0],
])('%s is refused before anything is served', async (_what, headers, status, asked) => {
  const { url, seen } = await installation();
  const { url: mcp } = await bridgeTo(url);
  const answer = await ask(mcp, headers);
  expect([answer.status, seen.length]).toEqual([status, asked]);
  expect(answer.text).not.toContain('search_actions');
  if (status === 401) expect(answer.challenge).toMatch(/^Bearer /);
});

test('a page of this machine and of an allowed name may come', async () => {
  const { url } = await installation();
  const { url: mcp } = await bridgeTo(url);
  for (const origin of ['http://localhost:3000', 'https://mcp.example.com'])
    expect((await ask(mcp, { origin })).status).toBe(200);
  expect((await ask(mcp, { host: 'mcp.example.com' })).status).toBe(200);
});

test('a token is asked about with every request: one that was revoked meanwhile ends at once', async () => {
  const { url, seen } = await installation();
  const { url: mcp } = await bridgeTo(url);
  await ask(mcp, {});
  await ask(mcp, {});
  expect(seen).toHaveLength(2);
});

test('other addresses, other methods and too large a body are refused; nobody home is no 401', async () => {
  const { url } = await installation();
  const { url: mcp } = await bridgeTo(url);
  expect((await ask(mcp, {}, { path: '/' })).status).toBe(404);
  expect((await ask(mcp, {}, { path: '/mcp/../v1/ops' })).status).toBe(404);
  expect((await ask(mcp, {}, { method: 'GET', body: '' })).status).toBe(405);
  expect((await ask(mcp, {}, { body: `"${'x'.repeat(2_000_000)}"` })).status).toBe(413);
  const { url: alone, told } = await bridgeTo('http://127.0.0.1:1');
  expect((await ask(alone, {})).status).toBe(503);
  expect(told.join()).toContain('E_TARGET_UNREACHABLE');
  expect(told.join()).not.toContain('csn_known');
});
