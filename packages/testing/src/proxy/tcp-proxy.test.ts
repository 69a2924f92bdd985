import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { waitUntil } from '../process/wait-until.ts';
import { openTcpProxy, type TcpProxy, type Treatment } from './tcp-proxy.ts';

const text = 'x'.repeat(100_000);
/** More than the buffers of the system take. */
const longText = 'x'.repeat(20_000_000);

async function serve(
  treatment: Treatment,
  body = text,
): Promise<{ proxy: TcpProxy; server: Server; closed: () => number }> {
  let closed = 0;
  const server = createServer((request, response) => {
    request.socket.on('close', () => {
      closed += 1;
    });
    response.end(body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const proxy = await openTcpProxy(`http://127.0.0.1:${address.port}`);
  proxy.treat(treatment);
  onTestFinished(async () => {
    await proxy[Symbol.asyncDispose]();
    server.closeAllConnections();
    server.close();
  });
  return { proxy, server, closed: () => closed };
}

/** Bytes that a reader gets, and how it ended. */
async function read(url: string, forMs = 5000): Promise<{ bytes: number; reset: boolean; ms: number }> {
  const startedAt = performance.now();
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  let bytes = 0;
  let reset = false;
  socket.on('data', (chunk) => {
    bytes += chunk.length;
  });
  socket.on('error', () => {
    reset = true;
  });
  socket.write('GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
  await Promise.race([once(socket, 'close').catch(() => undefined), sleep(forMs)]);
  socket.destroy();
  return { bytes, reset, ms: performance.now() - startedAt };
}

it('passes everything as it is unless told otherwise', async () => {
  const { proxy } = await serve({});
  const response = await fetch(proxy.url);
  expect(await response.text()).toBe(text);
  expect([proxy.connections, proxy.struck()]).toEqual([1, 0]);
});

it('resets after exactly so many bytes', async () => {
  const { proxy } = await serve({ resetAfterBytes: 1234 });
  expect(await read(proxy.url)).toMatchObject({ bytes: 1234, reset: true });
  expect(proxy.struck()).toBe(1);
  await waitUntil('nothing is open', () => proxy.open() === 0);
});

it('stops reading and keeps the connection', async () => {
  const { proxy, closed } = await serve({ stopAfterBytes: 500 }, longText);
  const got = read(proxy.url, 1500);
  await waitUntil('it strikes', () => proxy.struck() === 1);
  await sleep(200);
  expect([proxy.open(), closed()]).toEqual([1, 0]);
  expect(await got).toMatchObject({ bytes: 500, reset: false });
});

it('half-closes: the server hears that nothing more comes', async () => {
  const { proxy, closed } = await serve({ halfCloseAfterBytes: 500 });
  expect((await read(proxy.url, 1000)).bytes).toBe(500);
  await waitUntil('the server has closed', () => closed() === 1);
});

it('throttles, and delays', async () => {
  const slow = await serve({ bytesPerSecond: 10_000 });
  const { bytes } = await read(slow.proxy.url, 500);
  expect(bytes).toBeGreaterThan(1000);
  expect(bytes).toBeLessThan(10_000);
  expect(slow.proxy.struck()).toBeGreaterThan(0);
  const late = await serve({ delayMs: 200 });
  expect((await read(late.proxy.url)).ms).toBeGreaterThan(190);
});
