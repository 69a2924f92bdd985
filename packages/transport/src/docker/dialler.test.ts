import { readFileSync, writeFileSync } from 'node:fs';
import { createServer as createHttp, type RequestListener } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { Server } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { makeCertificateAuthority, tempFolder } from '@countersign/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startSshHost } from '../fixture/ssh-host.ts';
import { askDocker } from './ask-docker.ts';
import { openDialler } from './dialler.ts';
import { DockerEndpoint } from './docker-endpoint.ts';

const never = new AbortController().signal;

async function ask(settings: unknown, path = '/info'): Promise<string> {
  const dialler = openDialler(DockerEndpoint.parse(settings));
  onTestFinished(() => dialler.close());
  return await text(await askDocker(dialler, { path, query: { a: 'b c', all: true } }, never));
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address.port;
}

/** A daemon on a socket of its own. */
async function daemon(listener: RequestListener): Promise<string> {
  const socket = join(tempFolder(), 'd.sock');
  const server = createHttp(listener);
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  onTestFinished(() => void server.close());
  return socket;
}

describe('settings', () => {
  const parse = (settings: unknown) => DockerEndpoint.safeParse(settings);
  const tls = { host: 'd', ca_file: '/a', cert_file: '/b', key_file: '/c' };
  const ssh = { host: 'd', user: 'me', identity_file: '/i', known_hosts_file: '/k' };

  it('are a socket, TLS or SSH, and the usual socket if nothing is said', () => {
    expect(parse({}).data).toEqual({ kind: 'socket', path: '/var/run/docker.sock' });
    expect(parse({ socket: '/s' }).data).toEqual({ kind: 'socket', path: '/s' });
    expect(parse({ tls }).data).toEqual({ kind: 'tls', tls: { ...tls, port: 2376 } });
    expect(parse({ ssh }).data).toEqual({ kind: 'ssh', ssh: { ...ssh, port: 22 }, socket: '/var/run/docker.sock' });
  });

  it.each([
    ['tls', { socket: '/s', tls }],
    ['ssh', { tls, ssh }],
    ['tls.cert_file', { tls: { ...tls, cert_file: undefined } }],
    ['ssh.identity_file', { ssh: { ...ssh, identity_file: 'id' } }],
    ['ssh.user', { ssh: { ...ssh, user: '-oProxyCommand=id' } }],
    ['ssh.host', { ssh: { ...ssh, host: '-D1' } }],
    ['', { tcp: 'd:2375' }],
  ])('name the field that is wrong: %s', (field, settings) => {
    expect(parse(settings).error?.issues[0]?.path.join('.')).toBe(field);
  });
});

describe('a daemon over TLS', () => {
  async function start(listener: RequestListener = (_request, response) => response.end('{"ID":"tls"}')) {
    const folder = tempFolder();
    const authority = makeCertificateAuthority(folder);
    const server = authority.issue('daemon', ['IP:127.0.0.1', 'DNS:daemon.test']);
    const client = authority.issue('worker');
    const https = createHttps(
      {
        key: readFileSync(server.keyFile),
        cert: readFileSync(server.certFile),
        ca: readFileSync(authority.caFile),
        requestCert: true,
        rejectUnauthorized: true,
      },
      listener,
    );
    await new Promise<void>((resolve) => https.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void https.close());
    const port = portOf(https);
    const tls = {
      ...{ host: '127.0.0.1', port, ca_file: authority.caFile },
      ...{ cert_file: client.certFile, key_file: client.keyFile },
    };
    return { tls, folder, authority };
  }
  const refused = (message: string) => ({
    code: 'E_TARGET_UNREACHABLE',
    effect: 'none',
    message: expect.stringContaining(message),
  });

  it('answers whoever proves who they are, and sees the request as it is', async () => {
    const { tls } = await start((request, response) => response.end(request.url));
    expect(await ask({ tls })).toBe('/info?a=b+c&all=true');
    expect(await ask({ tls: { ...tls, server_name: 'daemon.test' } })).toBe('/info?a=b+c&all=true');
  });

  it('is refused with the reason: authority, name, file', async () => {
    const { tls, folder } = await start();
    const other = makeCertificateAuthority(folder, 'other');
    await expect(ask({ tls: { ...tls, ca_file: other.caFile } })).rejects.toMatchObject(refused('tls.ca_file'));
    await expect(ask({ tls: { ...tls, server_name: 'x.test' } })).rejects.toMatchObject(refused('tls.server_name'));
    const file = join(folder, 'none.pem');
    await expect(ask({ tls: { ...tls, key_file: file } })).rejects.toMatchObject(refused(`tls.key_file ${file}`));
    await expect(ask({ tls: { ...tls, key_file: tls.ca_file } })).rejects.toMatchObject(refused('does not answer'));
  });
});

describe('a daemon over SSH', () => {
  it('is its socket on the other host', async () => {
    const socket = await daemon((request, response) => response.end(`${request.method} ${request.url}`));
    await using host = await startSshHost(tempFolder());
    const ssh = { ...host.settings, socket };
    expect(await ask({ ssh })).toBe('GET /info?a=b+c&all=true');
    await expect(ask({ ssh: { ...ssh, socket: `${socket}x` } })).rejects.toMatchObject({
      code: 'E_TARGET_UNREACHABLE',
      effect: 'none',
      message: expect.stringContaining(`${socket}x`),
    });
  });
});

describe('a socket', () => {
  const refused = (message: string) => ({
    code: 'E_TARGET_UNREACHABLE',
    effect: 'none',
    message: expect.stringContaining(message),
  });

  it('that is not there, that nobody listens on or that is a file is told as such', async () => {
    const folder = tempFolder();
    await expect(ask({ socket: join(folder, 'none.sock') })).rejects.toMatchObject(refused('no such socket'));
    const file = join(folder, 'file');
    writeFileSync(file, '');
    await expect(ask({ socket: file })).rejects.toMatchObject(refused('nothing listens there'));
    await expect(ask({ socket: `/${'x'.repeat(200)}` })).rejects.toMatchObject({ code: 'E_TARGET_UNREACHABLE' });
  });

  it('gives up when it is asked to', async () => {
    const socket = await daemon(() => undefined);
    const dialler = openDialler({ kind: 'socket', path: socket });
    await expect(dialler.dial(AbortSignal.abort())).rejects.toMatchObject({ code: 'E_CANCELLED', effect: 'none' });
  });
});
