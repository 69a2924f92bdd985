import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { guardedFetch } from '../request/guarded-fetch.ts';

const folder = mkdtempSync(join(tmpdir(), 'countersign-tls-'));
const at = (name: string): string => join(folder, name);
let ca = '';

beforeAll(() => {
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'pipe' });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl('req', '-x509', ...key, '-keyout', at('ca.key'), '-out', at('ca.pem'), '-subj', '/CN=test', '-days', '2');
  const names = 'subjectAltName=DNS:idp.example,IP:127.0.0.1';
  const signing = ['-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-addext', names, '-days', '2'];
  openssl('req', '-x509', ...key, '-keyout', at('key.pem'), '-out', at('cert.pem'), '-subj', '/CN=idp', ...signing);
  ca = readFileSync(at('ca.pem'), 'utf8');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

describe('over TLS', () => {
  it('name and certificate are those of the URL, whatever address the connection goes to', async () => {
    const asked: (string | false)[] = [];
    const server = createSecureServer(
      { key: readFileSync(at('key.pem')), cert: readFileSync(at('cert.pem')) },
      (request, response) => {
        const { socket } = request;
        asked.push(socket instanceof TLSSocket && (socket.servername ?? false));
        response.end(request.headers.host);
      },
    );
    const port = await listening(server);
    const fetch = guardedFetch({ allow: ['127.0.0.1'], ca: [ca], resolve: async () => ['127.0.0.1'] });
    try {
      expect(await (await fetch(`https://idp.example:${port}/`)).text()).toBe(`idp.example:${port}`);
      expect(await (await fetch(`https://127.0.0.1:${port}/`)).text()).toBe(`127.0.0.1:${port}`);
      expect(asked).toEqual(['idp.example', false]);
      const failed = (message: string) => expect.objectContaining({ code: 'E_OUTBOUND_FAILED', message });
      await expect(fetch(`https://other.example:${port}/`)).rejects.toEqual(
        failed(`https://other.example:${port}: the connection failed (ERR_TLS_CERT_ALTNAME_INVALID)`),
      );
      const without = guardedFetch({ allow: ['127.0.0.1'], resolve: async () => ['127.0.0.1'] });
      await expect(without(`https://idp.example:${port}/`)).rejects.toEqual(
        failed(`https://idp.example:${port}: the connection failed (UNABLE_TO_VERIFY_LEAF_SIGNATURE)`),
      );
    } finally {
      server.close();
    }
  });
});

describe('the environment', () => {
  it('its proxies are not used, though Node is told to and its own client does', async () => {
    const proxied: string[] = [];
    const proxy = createServer((request, response) => {
      proxied.push(String(request.url));
      response.end('proxy');
    });
    const target = createServer((_request, response) => response.end('target'));
    const [via, port] = await Promise.all([listening(proxy), listening(target)]);
    const script = `
      import { get } from 'node:http';
      import { guardedFetch } from ${JSON.stringify(new URL('../index.ts', import.meta.url).href)};
      const url = 'http://127.0.0.1:${port}/';
      const own = await new Promise((resolve) => get(url, (message) => message.once('data', resolve)));
      const guarded = await (await guardedFetch({ allow: ['127.0.0.1'] })(url)).text();
      console.log(String(own), guarded);
      process.exit(0);`;
    try {
      const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
        env: { NODE_USE_ENV_PROXY: '1', HTTP_PROXY: `http://127.0.0.1:${via}`, http_proxy: `http://127.0.0.1:${via}` },
      });
      expect(stdout.trim()).toBe('proxy target');
      expect(proxied.length).toBe(1);
    } finally {
      proxy.close();
      target.close();
    }
  });
});
