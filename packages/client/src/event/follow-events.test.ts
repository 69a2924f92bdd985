import { expect, onTestFinished, test } from 'vitest';
import { connect } from '../connection/client.ts';
import { answerError, serveUntil } from '../fake-server/fake-server.ts';
import type { NumberedEvent } from './event-stream.ts';

const opId = '019a0000-0000-7000-8000-000000000001';
const frame = (id: number, event: object) => `id: ${id}\nevent: event\ndata: ${JSON.stringify(event)}\n\n`;
const state = (id: number) => frame(id, { type: 'state', subject: 'run', state: `s${id}` });
const end = (id: number) => frame(id, { type: 'end', state: 'succeeded' });

async function collect(events: AsyncGenerator<NumberedEvent>): Promise<number[]> {
  const ids: number[] = [];
  for await (const { id } of events) ids.push(id);
  return ids;
}

test('every event once, over connections that break mid-frame, repeat and resync', async () => {
  const asked: (string | undefined)[] = [];
  const url = await serveUntil(onTestFinished, (request, response) => {
    asked.push(request.headers['last-event-id']?.toString());
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    if (asked.length === 1) {
      response.write(`: hello\n\n${state(0)}${state(1)}id: 2\ndata: {"type":"sta`, () => request.socket.destroy());
    } else if (asked.length === 2) {
      response.end(`${state(1)}${state(2)}event: resync\ndata: {"after":2}\n\n${state(9)}`);
    } else {
      response.end(`${frame(3, { type: 'unheard_of' })}${state(3)}${end(4)}${state(5)}`);
    }
  });
  expect(await collect(connect({ url }).events(opId))).toEqual([0, 1, 2, 3, 4]);
  expect(asked).toEqual([undefined, '1', '2']);
});

test('`after` is sent with the first connection', async () => {
  const url = await serveUntil(onTestFinished, (request, response) => {
    response.writeHead(200).end(end(Number(request.headers['last-event-id']) + 1));
  });
  expect(await collect(connect({ url }).events(opId, { after: 41 }))).toEqual([42]);
});

const caughtUp = (after: number) => `event: caught_up\ndata: ${JSON.stringify({ after })}\n\n`;
const closing = (reason: string, after: number) =>
  `event: closing\ndata: ${JSON.stringify({ after, reason, retry_ms: 0 })}\n\n`;

test('without following it ends where the server has sent what is stored, over as many connections as that takes', async () => {
  const asked: [string, string | undefined][] = [];
  const url = await serveUntil(onTestFinished, (request, response) => {
    asked.push([request.url?.split('?')[1] ?? '', request.headers['last-event-id']?.toString()]);
    response.writeHead(200);
    if (asked.length === 1) response.write(state(1), () => request.socket.destroy());
    else response.write(`${state(2)}${caughtUp(2)}${state(3)}`);
  });
  expect(await collect(connect({ url }).events(opId, { follow: false }))).toEqual([1, 2]);
  expect(asked).toEqual([
    ['follow=false', undefined],
    ['follow=false', '1'],
  ]);
});

test('a connection that was open for as long as one may be is followed by the next, however often', async () => {
  let count = 0;
  const url = await serveUntil(onTestFinished, (_request, response) => {
    count += 1;
    response.writeHead(200).end(count < 30 ? caughtUp(0) + closing('duration', 0) : end(1));
  });
  expect(await collect(connect({ url }).events(opId))).toEqual([1]);
  expect(count).toBe(30);
});

test('a stream that has had its end before ends quietly', async () => {
  const url = await serveUntil(onTestFinished, (_request, response) => {
    response.writeHead(200).end(closing('ended', 7));
  });
  expect(await collect(connect({ url }).events(opId, { after: 7 }))).toEqual([]);
});

test('a refusal ends it at once', async () => {
  let count = 0;
  const url = await serveUntil(onTestFinished, (_request, response) => {
    count += 1;
    answerError(response, 404, 'E_NOT_FOUND');
  });
  await expect(collect(connect({ url }).events(opId))).rejects.toMatchObject({ code: 'E_NOT_FOUND' });
  expect(count).toBe(1);
});

test('aborting ends the iteration quietly and closes the connection', async () => {
  let closed: () => void = () => undefined;
  const gone = new Promise<void>((resolve) => {
    closed = resolve;
  });
  const url = await serveUntil(onTestFinished, (request, response) => {
    request.on('close', closed);
    response.writeHead(200).write(state(0));
  });
  const stop = new AbortController();
  const ids: number[] = [];
  for await (const { id } of connect({ url }).events(opId, { signal: stop.signal })) {
    ids.push(id);
    stop.abort();
  }
  expect(ids).toEqual([0]);
  await gone;
});
