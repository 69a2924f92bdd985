import { request as httpRequest, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { JsonObject } from '@countersign/protocol';
import type { Dialler } from './dialler.ts';
import { DockerFailure } from './docker-failure.ts';

/** One request to the Docker Engine API. `path` holds checked references only. */
export interface DockerRequest {
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean>>;
  readonly body?: JsonObject;
}

/** Largest answer that is a refusal; longer ones are cut. */
const maxRefusalBytes = 64 * 1024;

function target({ path, query = {} }: DockerRequest): string {
  const pairs = Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]);
  return pairs.length === 0 ? path : `${path}?${new URLSearchParams(pairs)}`;
}

async function refusal(answer: IncomingMessage): Promise<DockerFailure> {
  let body = '';
  for await (const chunk of answer.setEncoding('utf8')) {
    body += String(chunk);
    if (body.length > maxRefusalBytes) break;
  }
  answer.destroy();
  return new DockerFailure(answer.statusCode ?? 0, body);
}

/** Each request has a connection of its own: a kept-alive one that went stale could lose the answer to a write. */
async function send(
  dialler: Dialler,
  request: DockerRequest,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<{ answer: IncomingMessage } | { upgraded: Duplex; head: Buffer }> {
  const stream = await dialler.dial(signal);
  const body = request.body === undefined ? undefined : Buffer.from(JSON.stringify(request.body), 'utf8');
  return await new Promise((resolve, reject) => {
    const call = httpRequest({
      createConnection: () => stream,
      method: request.method ?? 'GET',
      path: target(request),
      headers: {
        Host: 'docker',
        ...(body === undefined ? {} : { 'Content-Type': 'application/json', 'Content-Length': body.length }),
        ...headers,
      },
      signal,
    });
    call.once('error', (cause) => {
      stream.destroy();
      reject(cause);
    });
    call.once('response', (answer) => resolve({ answer }));
    call.once('upgrade', (_answer, upgraded, head) => resolve({ upgraded, head }));
    call.end(body);
  });
}

/**
 * Sends a request and gives the answer once its head is there; the caller reads or destroys it. `signal` ends the
 * connection, also while the answer is read. Throws ConnectorError where there was no connection, `DockerFailure` for a
 * status that is no success, and Node's own error where the connection broke.
 */
export async function askDocker(
  dialler: Dialler,
  request: DockerRequest,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const sent = await send(dialler, request, {}, signal);
  if (!('answer' in sent)) {
    sent.upgraded.destroy();
    throw new DockerFailure(101, '');
  }
  const status = sent.answer.statusCode ?? 0;
  if (status >= 200 && status < 300) return sent.answer;
  throw await refusal(sent.answer);
}

/** Sends a request that turns its connection into a raw stream, and gives that; fails as `askDocker` does. */
export async function hijackDocker(dialler: Dialler, request: DockerRequest, signal: AbortSignal): Promise<Duplex> {
  const sent = await send(dialler, request, { Connection: 'Upgrade', Upgrade: 'tcp' }, signal);
  if ('answer' in sent) {
    if ((sent.answer.statusCode ?? 0) >= 300) throw await refusal(sent.answer);
    sent.answer.destroy();
    throw new DockerFailure(sent.answer.statusCode ?? 0, '{"message":"it did not open a stream"}');
  }
  const { upgraded, head } = sent;
  if (head.length > 0) upgraded.unshift(head);
  return upgraded;
}
