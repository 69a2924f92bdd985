import { createServer, type RequestListener, type Server } from 'node:http';
import { join } from 'node:path';
import { tempFolder } from '@countersign/testing';
import { expect, it, onTestFinished, vi } from 'vitest';
import { boundCall } from './bound-call.ts';
import { makeDockerClient } from './client.ts';

/** A daemon that misbehaves as told, on a socket of its own. */
async function serve(listener: RequestListener): Promise<{ socket: string; server: Server }> {
  const socket = join(tempFolder(), 'd.sock');
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { socket, server };
}

const never = new AbortController().signal;

it('is not led to another daemon by DOCKER_HOST', async () => {
  vi.stubEnv('DOCKER_HOST', 'tcp://127.0.0.1:1');
  onTestFinished(() => void vi.unstubAllEnvs());
  const { socket } = await serve((_request, response) => response.end('{"ID":"here"}'));
  expect(await makeDockerClient({ kind: 'socket', path: socket }).daemonId(never)).toBe('here');
});

it('sends a restart once, with its stop timeout, and keeps the effect of a refusal open', async () => {
  const seen: string[] = [];
  const { socket } = await serve((request, response) => {
    seen.push(`${request.method} ${request.url}`);
    response.writeHead(404).end('{"message":"network backend not found"}');
  });
  await expect(makeDockerClient({ kind: 'socket', path: socket }).restart('abc', 3, never)).rejects.toMatchObject({
    code: 'E_TARGET_REFUSED',
    effect: 'maybe',
  });
  expect(seen).toEqual(['POST /containers/abc/restart?t=3']);
});

it('answers false for a restart of an unknown container', async () => {
  const { socket } = await serve((_request, response) => {
    response.writeHead(404).end('{"message":"No such container: abc"}');
  });
  expect(await makeDockerClient({ kind: 'socket', path: socket }).restart('abc', 3, never)).toBe(false);
});

it('ends when the answer breaks off in the middle', async () => {
  const { socket } = await serve((request, response) => {
    response.writeHead(200, { 'Content-Length': 100 });
    response.write('{"ID":');
    setTimeout(() => request.socket.destroy(), 20);
  });
  await expect(makeDockerClient({ kind: 'socket', path: socket }).daemonId(never)).rejects.toMatchObject({
    code: 'E_TARGET_UNREACHABLE',
  });
});

it('refuses answers that are not the API, also where they are no JSON', async () => {
  const bodies = ['hello', '{"Id":"x"}'];
  const { socket } = await serve((_request, response) => response.end(bodies.shift()));
  const client = makeDockerClient({ kind: 'socket', path: socket });
  await expect(client.inspect('abc', never)).rejects.toMatchObject({ code: 'E_TARGET_UNREACHABLE' });
  await expect(client.inspect('abc', never)).rejects.toMatchObject({ detail: { field: 'Name' } });
});

it('closes the connection of a cancelled call and of a closed client', async () => {
  const { socket, server } = await serve(() => undefined);
  const connections = () => new Promise<number>((resolve) => server.getConnections((_, count) => resolve(count)));
  const client = makeDockerClient({ kind: 'socket', path: socket });
  const controller = new AbortController();
  const [cancelled, restarting] = [client.ping(controller.signal), client.restart('abc', 1, never)];
  await vi.waitFor(async () => expect(await connections()).toBe(2));
  controller.abort();
  await expect(cancelled).rejects.toMatchObject({ code: 'E_CANCELLED', effect: 'none' });
  await vi.waitFor(async () => expect(await connections()).toBe(1));
  client.close();
  await expect(restarting).rejects.toMatchObject({ code: 'E_CANCELLED', effect: 'maybe' });
  await vi.waitFor(async () => expect(await connections()).toBe(0));
});

it('ends a call at its deadline and says what may have happened', async () => {
  let aborted = false;
  const hang = (signal: AbortSignal) =>
    new Promise<never>(() => {
      signal.addEventListener('abort', () => {
        aborted = true;
      });
    });
  const bound = { signal: never, closed: never, deadlineMs: 20 };
  await expect(boundCall({ what: 'restart', where: '', effect: 'maybe' }, bound, hang)).rejects.toMatchObject({
    code: 'E_TIMEOUT',
    effect: 'maybe',
  });
  expect(aborted).toBe(true);
});

it('does not begin a call on an aborted signal', async () => {
  const bound = { signal: AbortSignal.abort(), closed: never, deadlineMs: 20 };
  const ask = vi.fn();
  await expect(boundCall({ what: 'restart', where: '', effect: 'maybe' }, bound, ask)).rejects.toMatchObject({
    code: 'E_CANCELLED',
    effect: 'none',
  });
  expect(ask).not.toHaveBeenCalled();
});
