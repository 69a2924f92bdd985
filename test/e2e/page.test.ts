import { waitUntil } from '@countersign/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openServer, type TestServer } from './harness/open-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await openServer('sqlite', { worker: false });
});
afterAll(() => server?.close());

const policy = {
  'default-src': "'none'",
  'script-src': "'self'",
  'style-src': "'self'",
  'connect-src': "'self'",
  'img-src': "'self' data:",
  'form-action': "'self'",
  'frame-ancestors': "'none'",
  'base-uri': "'none'",
  'require-trusted-types-for': "'script'",
  'trusted-types': "'none'",
  'report-uri': '/page/reports',
};

it.each(['/', '/sign-in', '/account', '/ops/01890000-0000-7000-8000-00000000000f'])(
  '%s answers the page under its content policy, with nothing inline',
  async (path) => {
    const answer = await fetch(`${server.url}${path}`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const said = (answer.headers.get('content-security-policy') ?? '').split('; ').map((part) => {
      const [name = '', ...values] = part.split(' ');
      return [name, values.join(' ')];
    });
    expect(Object.fromEntries(said)).toEqual(policy);
    const html = await answer.text();
    expect(html.match(/<script\b[^>]*>[^<]*/g)).toEqual(['<script type="module" src="/page/main.js">']);
    expect(html).not.toMatch(/<style|\son\w+=|\sstyle=/);
  },
);

it('every module that the page imports is served, as JavaScript without types', async () => {
  const seen = new Set<string>();
  const waiting = ['main.js'];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    const answer = await fetch(`${server.url}/page/${name}`);
    expect([name, answer.status]).toEqual([name, 200]);
    expect(answer.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    const code = await answer.text();
    expect(code).not.toMatch(/^import type|^export (?:interface|type) /m);
    for (const [, wanted = ''] of code.matchAll(/from '([^']+)'/g)) {
      expect(wanted).toMatch(/^\.\//);
      waiting.push(wanted.slice('./'.length));
    }
  }
  expect(seen.size).toBeGreaterThan(15);
  expect([...seen]).toEqual(expect.arrayContaining(['read-json.ts', 'visible.ts', 'api.ts']));
  const style = await fetch(`${server.url}/page/page.css`);
  expect([style.status, style.headers.get('content-type')]).toEqual([200, 'text/css; charset=utf-8']);
});

it.each([
  ['nothing.js', 404],
  ['..%2f..%2fpackage.json', 422],
  ['main.js%00', 422],
])('%s is no file of the page', async (name, status) => {
  const answer = await fetch(`${server.url}/page/${name}`);
  expect(answer.status).toBe(status);
  await answer.body?.cancel();
});

it('a browser may report what its policy refused, in its own type, and that is counted', async () => {
  const counted = async (): Promise<number> => {
    const text = await server.admin.client.call('metrics');
    return Number(/countersign_http_requests_total\{route="pageReport"[^}]*status="204"\} (\d+)/.exec(text)?.[1] ?? 0);
  };
  const send = async (type: string, body: unknown, path = '/page/reports'): Promise<number> => {
    const answer = await fetch(`${server.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': type },
      body: JSON.stringify(body),
    });
    await answer.body?.cancel();
    return answer.status;
  };
  const report = { 'csp-report': { 'document-uri': `${server.url}/`, 'effective-directive': 'img-src', extra: 1 } };
  expect(await send('application/csp-report', report)).toBe(204);
  await waitUntil('the report to be counted', async () => (await counted()) === 1);
  expect(await send('application/csp-report', { 'csp-report': { 'blocked-uri': 'x'.repeat(5000) } })).toBe(422);
  expect(await send('application/csp-report', { 'csp-report': { more: 'x'.repeat(20_000) } })).toBe(413);
  expect(await send('text/plain', report)).toBe(415);
  expect(await send('application/csp-report', {})).toBe(422);
  // No other route takes that type.
  expect(await send('application/csp-report', { name: 'a', password: 'b' }, '/v1/auth/login')).toBe(415);
  expect(await counted()).toBe(1);
});
