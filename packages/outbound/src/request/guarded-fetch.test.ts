import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { type GuardOptions, guardedFetch } from './guarded-fetch.ts';

const open: Server[] = [];
afterEach(() => {
  for (const server of open.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(listener: RequestListener, host = '127.0.0.1'): Promise<{ origin: string; port: number }> {
  const server = createServer(listener);
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { origin: `http://${host}:${address.port}`, port: address.port };
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text;
}

/** A server that tells what it was asked. */
const telling: RequestListener = async (request, response) => {
  const body = await textOf(request);
  response.end(JSON.stringify({ method: request.method, url: request.url, headers: request.headers, body }));
};

const inner: GuardOptions = { allow: ['127.0.0.0/8'] };

async function codeOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  return error instanceof Error && 'code' in error ? `${error.code} ${error.message}` : `not refused: ${error}`;
}

describe('what leaves', () => {
  it('goes as it was given, with Host and length, and comes back as an answer of fetch', async () => {
    const { origin, port } = await serve(telling);
    const response = await guardedFetch(inner)(`${origin}/a?b=c`, {
      method: 'POST',
      headers: { 'x-one': '1', 'content-type': 'application/json', authorization: 'Bearer t' },
      body: '{"a":1}',
    });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      method: 'POST',
      url: '/a?b=c',
      body: '{"a":1}',
      headers: {
        host: `127.0.0.1:${port}`,
        'x-one': '1',
        'content-type': 'application/json',
        authorization: 'Bearer t',
        'accept-encoding': 'identity',
        'user-agent': 'countersign',
        'content-length': '7',
        connection: 'close',
      },
    });
  });

  it('keeps the name in Host while the connection goes to the address that was checked', async () => {
    const { port } = await serve(telling, '127.0.0.7');
    const asked: string[] = [];
    const fetch = guardedFetch({
      allow: [`idp.example:${port}`],
      resolve: async (host) => {
        asked.push(host);
        return ['127.0.0.7'];
      },
    });
    const response = await fetch(`http://idp.example:${port}/`, {
      body: new URLSearchParams({ a: 'b c' }),
      method: 'POST',
    });
    expect(await response.json()).toMatchObject({
      headers: { host: `idp.example:${port}`, 'content-type': 'application/x-www-form-urlencoded;charset=UTF-8' },
      body: 'a=b+c',
    });
    expect(asked).toEqual(['idp.example']);
  });

  it('a name with one inner address among others is refused whole', async () => {
    const resolve = async () => ['93.184.215.14', '10.0.0.1'];
    expect(await codeOf(guardedFetch({ resolve })('https://mixed.example/'))).toBe(
      'E_OUTBOUND_REFUSED https://mixed.example: it leads to a private address',
    );
  });

  it.each([
    [[], 'E_OUTBOUND_FAILED https://x.example: its name has 0 addresses'],
    [['fe80::1%eth0'], 'E_OUTBOUND_REFUSED https://x.example: its address cannot be read'],
    [['93.184.215.14\0'], 'E_OUTBOUND_REFUSED https://x.example: its address cannot be read'],
  ])('a resolver that answers %j is not believed', async (addresses, expected) => {
    expect(await codeOf(guardedFetch({ resolve: async () => addresses })('https://x.example/'))).toBe(expected);
  });

  it('a name with very many addresses is not called', async () => {
    const resolve = async () => Array.from({ length: 33 }, () => '93.184.215.14');
    expect(await codeOf(guardedFetch({ resolve })('https://x.example/'))).toContain('its name has 33 addresses');
  });

  it('plain http needs the operator to name the host', async () => {
    const resolve = async () => ['93.184.215.14'];
    expect(await codeOf(guardedFetch({ resolve })('http://x.example/'))).toContain('plain http goes only to hosts');
  });

  it('a client that is bound to an origin calls no other', async () => {
    const { origin } = await serve(telling);
    const elsewhere = await serve(telling);
    const redirecting = await serve((_request, response) =>
      response.writeHead(302, { location: elsewhere.origin }).end(),
    );
    const bound = (to: string) => guardedFetch({ ...inner, origins: [to] });
    expect((await bound(origin)(`${origin}/`)).status).toBe(200);
    expect(await codeOf(bound(origin)(elsewhere.origin))).toContain('bound to another origin');
    expect(await codeOf(bound(redirecting.origin)(redirecting.origin))).toContain('bound to another origin');
  });
});

describe('redirects', () => {
  it('lose what was meant for the first origin when they lead to another', async () => {
    const last = await serve(telling);
    const first = await serve((_request, response) => response.writeHead(302, { location: `${last.origin}/x` }).end());
    const headers = { authorization: 'Bearer t', cookie: 'a=b', 'x-api-key': 'k', accept: 'text/plain' };
    const response = await guardedFetch(inner)(first.origin, { method: 'POST', body: 'secret', headers });
    expect(await response.json()).toEqual({
      method: 'GET',
      url: '/x',
      body: '',
      headers: {
        accept: 'text/plain',
        'accept-encoding': 'identity',
        'user-agent': 'countersign',
        host: last.origin.slice('http://'.length),
        connection: 'close',
      },
    });
  });

  it('keep everything on the same origin, the body where the status says so', async () => {
    const { origin } = await serve((request, response) => {
      if (request.url === '/first') response.writeHead(307, { location: '/second' }).end();
      else void telling(request, response);
    });
    const init = { method: 'PUT', body: 'b', headers: { authorization: 'Bearer t' } };
    expect(await (await guardedFetch(inner)(`${origin}/first`, init)).json()).toMatchObject({
      method: 'PUT',
      url: '/second',
      body: 'b',
      headers: { authorization: 'Bearer t' },
    });
  });

  it('never carry a body to another origin, never leave the web, never lead inwards', async () => {
    const other = await serve(telling);
    const redirectTo = async (location: string, status = 307) =>
      (await serve((_request, response) => response.writeHead(status, { location }).end())).origin;
    const post = { method: 'POST', body: 'secret' };
    expect(await codeOf(guardedFetch(inner)(await redirectTo(other.origin), post))).toContain('is not sent there');
    expect(await codeOf(guardedFetch(inner)(await redirectTo('file:///etc/passwd')))).toContain('only https and http');
    expect(await codeOf(guardedFetch(inner)(await redirectTo('http://[::1]:1/')))).toContain('a loopback address');
    expect(await codeOf(guardedFetch(inner)(await redirectTo('http://[')))).toContain('cannot be read');
  });

  it('are bounded, and are left alone where the caller wants to see them', async () => {
    let calls = 0;
    const { origin } = await serve((_request, response) => {
      calls += 1;
      response.writeHead(302, { location: '/again' }).end();
    });
    expect(await codeOf(guardedFetch({ ...inner, maxRedirects: 2 })(origin))).toContain('more than 2 redirects');
    expect(calls).toBe(3);
    const seen = await guardedFetch(inner)(origin, { redirect: 'manual' });
    expect([seen.status, seen.headers.get('location')]).toEqual([302, '/again']);
    expect(await codeOf(guardedFetch(inner)(origin, { redirect: 'error' }))).toContain('answered with a redirect');
    expect(calls).toBe(5);
  });
});

describe('bounds', () => {
  it('a body is cut off where it is too long, announced or not', async () => {
    const announced = await serve((_request, response) => response.end('x'.repeat(1001)));
    const chunked = await serve((_request, response) => {
      response.write('x'.repeat(600));
      response.end('x'.repeat(600));
    });
    const fetch = guardedFetch({ ...inner, maxBytes: 1000 });
    expect(await codeOf(fetch(announced.origin))).toContain('longer than 1000 bytes');
    const response = await fetch(chunked.origin);
    expect(await codeOf(response.text())).toContain('E_OUTBOUND_FAILED');
    const exact = await serve((_request, response) => response.end('x'.repeat(1000)));
    expect((await (await fetch(exact.origin)).text()).length).toBe(1000);
  });

  it('a compressed answer is not unpacked', async () => {
    const { origin } = await serve((_request, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end('x'),
    );
    expect(await codeOf(guardedFetch(inner)(origin))).toContain('compressed its answer');
  });

  it('the time covers look-up, headers and body', async () => {
    const fetch = guardedFetch({ ...inner, timeoutMs: 100 });
    const silent = await serve(() => undefined);
    expect(await codeOf(fetch(silent.origin))).toBe(`E_OUTBOUND_FAILED ${silent.origin}: no whole answer in 100 ms`);
    const trickling = await serve((_request, response) => void response.write('x'));
    expect(await codeOf((await fetch(trickling.origin)).text())).toContain('no whole answer in 100 ms');
    const lost = guardedFetch({ resolve: () => new Promise(() => undefined), timeoutMs: 100 });
    expect(await codeOf(lost('https://lost.example/'))).toContain('no whole answer in 100 ms');
  });

  it("the caller's own signal ends it with its own reason", async () => {
    const { origin } = await serve(() => undefined);
    const reason = new Error('the caller went away');
    const controller = new AbortController();
    const work = guardedFetch(inner)(origin, { signal: controller.signal });
    controller.abort(reason);
    await expect(work).rejects.toBe(reason);
    await expect(guardedFetch(inner)(origin, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  it('a broken connection is a failure that names the origin only', async () => {
    const { origin } = await serve((request) => request.socket.destroy());
    expect(await codeOf(guardedFetch(inner)(`${origin}/path?key=hunter2`))).toBe(
      `E_OUTBOUND_FAILED ${origin}: the connection failed (ECONNRESET)`,
    );
    const gone = guardedFetch({ resolve: () => Promise.reject(new Error('ENOTFOUND')) });
    expect(await codeOf(gone('https://gone.example/'))).toBe(
      'E_OUTBOUND_FAILED https://gone.example: its name has no address',
    );
  });

  it('answers without a body have none', async () => {
    const { origin } = await serve((_request, response) => response.writeHead(204).end());
    expect((await guardedFetch(inner)(origin)).body).toBeNull();
    const { origin: telling } = await serve((_request, response) => response.end('x'));
    expect((await guardedFetch(inner)(telling, { method: 'HEAD' })).body).toBeNull();
  });
});
