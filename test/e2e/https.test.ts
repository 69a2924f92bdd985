import { rmSync, writeFileSync } from 'node:fs';
import { type IncomingHttpHeaders, request as plainRequest } from 'node:http';
import { request } from 'node:https';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { connect as connectTls } from 'node:tls';
import { CodedError } from '@countersign/protocol';
import { makeTempFolder, type TempFolder } from '@countersign/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Certificates, makeCertificates } from './harness/certificates.ts';
import { propose, writeFiles } from './harness/flow.ts';
import { openServer } from './harness/open-server.ts';

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

let folder: TempFolder;
let made: Certificates;
beforeAll(() => {
  folder = makeTempFolder();
  made = makeCertificates(folder.path, ['localhost']);
});
afterAll(() => folder.remove());

function get(url: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  const ask = url.startsWith('https:') ? request : plainRequest;
  return new Promise((resolve, reject) => {
    const sent = ask(url, { headers, ca: made.ca, agent: false }, (answer) => {
      text(answer).then((body) => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body }), reject);
    });
    sent.on('error', reject);
    sent.end();
  });
}

const secured = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

it('the server speaks TLS by itself, at least 1.2, and says that browsers should come back that way', async () => {
  const server = await openServer('sqlite', {
    worker: false,
    config: { tls: { cert: made.certFile, key: made.keyFile } },
  });
  try {
    expect(server.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    const found = await get(`${server.url}/livez`);
    expect(found.status).toBe(200);
    expect(found.headers).toMatchObject({ ...secured, 'strict-transport-security': 'max-age=31536000' });
    const missing = await get(`${server.url}/nothing-here`);
    expect(missing.status).toBe(404);
    expect(missing.headers).toMatchObject(secured);
    // Plain HTTP on the same port gets no answer of ours.
    await expect(get(`${server.url.replace('https:', 'http:')}/livez`)).rejects.toThrow(/socket hang up|ECONNRESET/);
    const port = Number(new URL(server.url).port);
    const old = connectTls({ host: '127.0.0.1', port, ca: made.ca, maxVersion: 'TLSv1.1', minVersion: 'TLSv1' });
    await expect(
      new Promise((resolve, reject) => old.once('secureConnect', resolve).once('error', reject)),
    ).rejects.toThrow(/protocol|alert/i);
  } finally {
    await server.close();
  }
});

it('a certificate that cannot be used stops the start with the setting and its line', async () => {
  const wrong = join(folder.path, 'wrong.key');
  writeFileSync(wrong, made.key.replaceAll(/[A-Za-z0-9+/]{20}/g, 'A'.repeat(20)));
  const refusal = async (tls: Readonly<Record<string, string>>): Promise<CodedError> => {
    const failed = await openServer('sqlite', { worker: false, config: { tls } }).then(
      (server) => server.close().then(() => null),
      (error: unknown) => error,
    );
    if (failed instanceof CodedError) return failed;
    throw new Error(`expected a refusal, got ${String(failed)}`);
  };
  const absent = await refusal({ cert: join(folder.path, 'none.pem'), key: made.keyFile });
  expect([absent.code, absent.detail['field'], absent.detail['line']]).toEqual(['E_CONFIG', 'tls.cert', 1]);
  expect(absent.message).toContain('none.pem cannot be read (ENOENT)');
  const broken = await refusal({ cert: made.certFile, key: wrong });
  expect([broken.code, broken.detail['field']]).toEqual(['E_CONFIG', 'tls.cert']);
  expect(broken.message).toContain('cannot be used together');
  rmSync(wrong);
});

it.each([
  { trusted: ['127.0.0.1'], believed: true },
  { trusted: ['10.0.0.0/8'], believed: false },
  { trusted: [], believed: false },
])('what $trusted say of the scheme is believed: $believed', async ({ trusted, believed }) => {
  const server = await openServer('sqlite', { worker: false, config: { trust_proxy: trusted } });
  try {
    const { headers } = await get(`${server.url}/livez`, { 'x-forwarded-proto': 'https' });
    expect(headers).toMatchObject(secured);
    expect(headers['strict-transport-security']).toBe(believed ? 'max-age=31536000' : undefined);
    const plain = await get(`${server.url}/livez`);
    expect(plain.headers['strict-transport-security']).toBeUndefined();
  } finally {
    await server.close();
  }
});

it('a stream carries the same headers', async () => {
  const server = await openServer('sqlite');
  try {
    const { op_id: id } = await propose(server.admin.client, writeFiles('dev', { 'a.txt': 'a\n' }));
    const stream = await get(`${server.url}/v1/ops/${id}/events?follow=false`, {
      authorization: `Bearer ${server.admin.token}`,
    });
    expect(stream.headers).toMatchObject({ ...secured, 'content-type': 'text/event-stream; charset=utf-8' });
    expect(stream.headers['x-request-id']).toMatch(/^[\w.-]+$/);
    expect(stream.body).toContain('event: caught_up');
  } finally {
    await server.close();
  }
});

it.each(['everybody', '0.0.0.0/0', '10.0.0.0/33', '10.0.0.1/8/8', 'fe80::1/129'])(
  'trust_proxy refuses %s',
  async (entry) => {
    await expect(openServer('sqlite', { worker: false, config: { trust_proxy: [entry] } })).rejects.toMatchObject({
      code: 'E_CONFIG',
      detail: { field: 'trust_proxy.0' },
    });
  },
);
