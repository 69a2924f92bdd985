import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ErrorEnvelope, type Lane, lanes, type WebMode } from '@countersign/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openServer, type TestServer } from '../harness/open-server.ts';
import { send } from '../harness/send.ts';
import { type BrowserSession, openBrowserSession } from './credentials.ts';

/**
 * Every lane by credential, page, method and content type, against `lanes.txt`, which is reviewed by hand. After a change: run
 * with COUNTERSIGN_WRITE_MATRIX=1, read every line that changed, and say in the commit why it is right.
 */
const file = join(import.meta.dirname, 'lanes.txt');
const writing = process.env['COUNTERSIGN_WRITE_MATRIX'] === '1';
const allowed = 'https://app.example.org';
const foreign = 'https://evil.example.org';

/** Of each lane a route that is read and one that changes; none where the lane has no such route. */
const asked: Readonly<
  Record<Lane, { readonly GET: string | null; readonly POST: string | null; readonly PUT: string | null }>
> = {
  probe: { GET: '/metrics', POST: null, PUT: null },
  ui: { GET: '/v1/whoami', POST: '/v1/ops/plan', PUT: '/v1/ops/01890000-0000-7000-8000-000000000000' },
  auth: { GET: '/v1/auth/csrf/bootstrap', POST: null, PUT: null },
  admin: { GET: '/v1/dev/storage', POST: null, PUT: '/v1/dev/panic' },
  public: {
    GET: '/v1/public/ops',
    POST: '/v1/public/ops/plan',
    PUT: '/v1/public/ops/01890000-0000-7000-8000-000000000000',
  },
  alias: { GET: '/tree?nothing=1', POST: null, PUT: null },
  worker: { GET: null, POST: '/v1/worker/heartbeat', PUT: null },
};
const methods = ['GET', 'POST', 'PUT'] as const;
const contentTypes = ['application/json', 'text/plain', 'application/x-www-form-urlencoded'] as const;
const credentials = ['none', 'bearer', 'cookie', 'cookie-without-csrf', 'both'] as const;
const pages = ['no-page', 'own-page-get', 'own', 'allowed', 'foreign'] as const;

function pageHeaders(page: (typeof pages)[number], url: string): Record<string, string> {
  switch (page) {
    case 'no-page':
      return {};
    case 'own-page-get':
      return { 'sec-fetch-site': 'same-origin' };
    case 'own':
      return { origin: new URL(url).origin };
    case 'allowed':
      return { origin: allowed };
    case 'foreign':
      return { origin: foreign, 'sec-fetch-site': 'cross-site' };
  }
}

function credentialHeaders(
  credential: (typeof credentials)[number],
  token: string,
  { cookie, csrf }: BrowserSession,
): Record<string, string> {
  const bearer = { authorization: `Bearer ${token}` };
  switch (credential) {
    case 'none':
      return {};
    case 'bearer':
      return bearer;
    case 'cookie':
      return { cookie, 'x-csrf-token': csrf };
    case 'cookie-without-csrf':
      return { cookie };
    case 'both':
      return { ...bearer, cookie, 'x-csrf-token': csrf };
  }
}

/**
 * What the reviewed table says in another mode. Between sites it is the same: the mode is about cookies alone. Where all pages are
 * the server's own no other page counts for more than a foreign one, and none is told that it may read.
 */
function inMode(mode: WebMode, row: readonly string[]): string[] {
  if (mode !== 'same_origin') return [...row];
  const [lane = '', method = '', type = '', credential = '', ...cells] = row.map((cell) => cell.replace('+', ''));
  return [
    lane,
    method,
    type,
    credential,
    ...pages.map((page, index) => cells[page === 'allowed' ? index + 1 : index] ?? ''),
  ];
}

/** Status or code, and a + where a page of that origin may read the answer. */
async function cellOf(response: Response): Promise<string> {
  const text = await response.text();
  const readable = response.headers.get('access-control-allow-origin');
  const said = response.status < 400 ? String(response.status) : ErrorEnvelope.parse(JSON.parse(text)).error.code;
  return `${said.replace('E_', '')}${readable === null ? '' : '+'}`;
}

describe.each<WebMode>(['same_site', 'same_origin', 'cross_site'])('lanes in mode %s', (mode) => {
  let server: TestServer;
  let session: BrowserSession;
  let workerToken: string;
  beforeAll(async () => {
    server = await openServer('sqlite', {
      config: { web: { mode, origins: mode === 'same_origin' ? [] : [allowed] } },
    });
    session = await openBrowserSession(server, 'ada', [{ role: 'admin', project: '*', environment: '*' }]);
    workerToken = (await server.bearer({ name: 'w', kind: 'worker', role: 'worker' })).token;
  });
  afterAll(() => server.close());

  it('each answers each credential from each page as the reviewed table says (OA-1, OA-6, OA-13)', async () => {
    const rows: string[][] = [];
    for (const lane of lanes) {
      for (const method of methods) {
        const path = asked[lane][method];
        if (path === null) continue;
        for (const type of method === 'GET' ? [null] : contentTypes) {
          for (const credential of credentials) {
            const token = lane === 'worker' ? workerToken : server.admin.token;
            const ask = async (page: (typeof pages)[number]): Promise<string> => {
              const headers = {
                ...credentialHeaders(credential, token, session),
                ...pageHeaders(page, server.url),
                ...(type === null ? {} : { 'content-type': type }),
                ...(lane === 'public' ? { 'idempotency-key': 'k' } : {}),
              };
              const body = type === null ? {} : { text: '{"nothing":"that fits"}' };
              return await cellOf(await send(server.url, { method, path, headers, ...body }));
            };
            rows.push([lane, method, type?.split('/')[1] ?? '-', credential, ...(await Promise.all(pages.map(ask)))]);
          }
        }
      }
    }
    const head = ['lane', 'method', 'type', 'credential', ...pages];
    const widths = head.map((_name, index) => Math.max(...[head, ...rows].map((row) => row[index]?.length ?? 0)));
    const text = [head, ...rows]
      .map((row) =>
        row
          .map((cell, index) => cell.padEnd(widths[index] ?? 0))
          .join('  ')
          .trimEnd(),
      )
      .join('\n');
    const preface = [
      '# What each lane answers to each credential from each page: the status, or the code of a refusal without "E_"; + where the page',
      '# may read the answer. VALIDATION is what somebody gets who was let in: the body fits nothing. Mode same_site, one allowed origin.',
      '# no-page: no Origin, no Sec-Fetch-Site. own-page-get: Sec-Fetch-Site same-origin without Origin, as browsers send a GET.',
    ];
    console.log(
      `${rows.length * pages.length} cells of lane, credential, page, method and content type in mode ${mode}`,
    );
    if (mode === 'same_site') {
      if (writing) writeFileSync(file, `${[...preface, text].join('\n')}\n`);
      expect(`${[...preface, text].join('\n')}\n`).toBe(readFileSync(file, 'utf8'));
      return;
    }
    const reviewed = readFileSync(file, 'utf8')
      .trimEnd()
      .split('\n')
      .slice(preface.length + 1);
    expect(rows).toEqual(reviewed.map((line) => inMode(mode, line.split(/ +/))));
  }, 60_000);

  it('a page may ask beforehand in the lanes of browsers alone, from its own or an allowed origin (OA-1)', async () => {
    for (const lane of lanes) {
      const path = asked[lane].POST ?? asked[lane].GET ?? '';
      for (const [origin, may] of [
        [allowed, mode !== 'same_origin'],
        [server.url, mode !== 'same_origin'],
        [foreign, false],
        ['null', false],
      ] as const) {
        const headers = {
          origin,
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'x-csrf-token',
        };
        const answer = await send(server.url, { method: 'OPTIONS', path, headers });
        await answer.body?.cancel();
        const browser = lane === 'ui' || lane === 'auth' || lane === 'admin';
        const said = [answer.status, answer.headers.get('access-control-allow-origin')];
        expect(said, `${lane} from ${origin}`).toEqual(browser && may ? [204, origin] : [405, null]);
        if (browser && may) {
          expect(answer.headers.get('access-control-allow-credentials')).toBe('true');
          expect(answer.headers.get('vary')).toBe('Origin');
        }
      }
    }
  });

  it("a session's token against forged requests is worth nothing to another session, nor a changed one", async () => {
    const other = await openBrowserSession(server, 'bob', [{ role: 'admin', project: '*', environment: '*' }]);
    const put = async (csrf: string) =>
      await cellOf(
        await send(server.url, {
          method: 'PUT',
          path: '/v1/dev/panic',
          body: { on: true, reason: 'a test' },
          headers: { cookie: session.cookie, origin: server.url, 'x-csrf-token': csrf },
        }),
      );
    const readable = mode === 'same_origin' ? '' : '+';
    expect(await put(session.csrf)).toBe(`200${readable}`);
    for (const wrong of [other.csrf, '', `${session.csrf}x`, session.csrf.slice(1), session.csrf.toLowerCase()]) {
      expect(await put(wrong), wrong).toBe(`AUTH_CSRF${readable}`);
    }
    const bootstrap = await send(server.url, { path: '/v1/auth/csrf/bootstrap', headers: { cookie: session.cookie } });
    expect(await bootstrap.json()).toEqual({ csrf_token: session.csrf });
    const nobody = await send(server.url, {
      path: '/v1/auth/csrf/bootstrap',
      headers: { cookie: '__Host-countersign=x' },
    });
    expect(await nobody.json()).toEqual({ csrf_token: null });
  });
});
