import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Certificates } from './certificates.ts';

/** A site of somebody else's, or our page on a host of its own. */
export interface Site {
  readonly port: number;
  /** The cookies of each request for `/cookie`, which sets one of the ordinary kind. */
  readonly cookies: readonly string[];
  close(): Promise<void>;
}

type Answer = { readonly type: string; readonly body: string; readonly policy?: string };

async function serve(certificates: Certificates, answer: (path: string) => Promise<Answer | null>): Promise<Site> {
  const cookies: string[] = [];
  const server = createServer({ cert: certificates.cert, key: certificates.key }, (request, response) => {
    if (request.url === '/cookie') {
      cookies.push(request.headers.cookie ?? '');
      response.writeHead(204, { 'set-cookie': 'plain=1; Path=/; Secure; SameSite=None' }).end();
      return;
    }
    const path = (request.url ?? '/').split(/[?#]/)[0] ?? '/';
    void answer(path).then((found) => {
      const policy = found?.policy === undefined ? {} : { 'content-security-policy': found.policy };
      response.writeHead(found === null ? 404 : 200, { 'content-type': found?.type ?? 'text/plain', ...policy });
      response.end(found?.body ?? 'nothing here');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: isPort(address) ? address.port : 0,
    cookies,
    close: () => new Promise((resolve) => server.close(() => resolve()).closeAllConnections()),
  };
}

function isPort(address: string | AddressInfo | null): address is AddressInfo {
  return typeof address === 'object' && address !== null;
}

/** The page as a static host would serve it, told where the API is. */
export function servePage(
  certificates: Certificates,
  api: string,
  read: (name: string) => Promise<string | null>,
): Promise<Site> {
  return serve(certificates, async (path) => {
    const file = /^\/page\/([\w.-]+)$/.exec(path)?.[1];
    if (file !== undefined) {
      const body = await read(file);
      return body === null ? null : { type: file.endsWith('.css') ? 'text/css' : 'text/javascript', body };
    }
    const html = (await read('index.html')) ?? '';
    const policy = `default-src 'none'; script-src 'self'; style-src 'self'; connect-src ${api}; img-src 'self' data:; base-uri 'none'; require-trusted-types-for 'script'`;
    return {
      type: 'text/html',
      policy,
      body: html.replace('name="countersign-api" content=""', `name="countersign-api" content="${api}"`),
    };
  });
}

/** A page that somebody else made, with nothing on it. */
export function serveForeignPage(certificates: Certificates): Promise<Site> {
  return serve(certificates, async () => ({
    type: 'text/html',
    body: '<!doctype html><title>Foreign</title><p>Hello',
  }));
}
