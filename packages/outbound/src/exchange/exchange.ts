import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import type { LookupFunction } from 'node:net';
import { getCACertificates } from 'node:tls';
import type { PinnedAddress } from '../address/check-destination.ts';
import { failure } from '../request/outbound-error.ts';
import { hostOf, portOf } from '../request/parse-url.ts';

/** One request over one connection, to addresses that were checked. */
export interface Exchange {
  readonly url: URL;
  readonly addresses: readonly PinnedAddress[];
  readonly method: string;
  readonly headers: Headers;
  readonly body: Uint8Array | null;
  /** Certificates that are trusted beside the system's; PEM. */
  readonly ca: readonly string[];
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

/** Answers the pinned addresses for whatever name the connection asks: no second look-up happens. */
function pinnedLookup(addresses: readonly PinnedAddress[]): LookupFunction {
  return (_host, options, callback) => {
    const [first] = addresses;
    if (first === undefined) callback(new Error('no address'), '');
    else if (options.all === true) callback(null, [...addresses]);
    else callback(null, first.address, first.family);
  };
}

const withoutBody: ReadonlySet<number> = new Set([204, 205, 304]);

async function* capped(message: IncomingMessage, exchange: Exchange): AsyncGenerator<Uint8Array> {
  const { url, maxBytes, signal } = exchange;
  let bytes = 0;
  try {
    for await (const chunk of message) {
      if (!(chunk instanceof Uint8Array)) throw new TypeError('a body is bytes');
      bytes += chunk.byteLength;
      if (bytes > maxBytes) throw tooLong(url, maxBytes);
      yield new Uint8Array(chunk);
    }
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    message.destroy();
  }
}

function tooLong(url: URL, maxBytes: number): Error {
  return failure(
    url.origin,
    `its answer is longer than ${maxBytes} bytes`,
    'ask for less, or look at what answers there',
  );
}

function responseOf(message: IncomingMessage, exchange: Exchange): Response {
  const status = message.statusCode ?? 0;
  const { url, maxBytes } = exchange;
  const strange = (what: string) => failure(url.origin, what, 'look at what answers there');
  if (status < 200 || status > 599) throw strange(`it answered the status ${status}`);
  if (Number(message.headers['content-length'] ?? 0) > maxBytes) throw tooLong(url, maxBytes);
  // A few compressed bytes can stand for very many: it was not asked for, so it is not unpacked.
  const coding = message.headers['content-encoding'] ?? 'identity';
  if (coding !== 'identity') throw strange('it compressed its answer although it was asked not to');
  const headers = new Headers();
  for (const [name, value] of Object.entries(message.headersDistinct)) {
    for (const each of value ?? []) headers.append(name, each);
  }
  if (withoutBody.has(status) || exchange.method === 'HEAD') {
    message.destroy();
    return new Response(null, { status, headers });
  }
  return new Response(ReadableStream.from(capped(message, exchange)), { status, headers });
}

/**
 * Sends a request and answers when the other side's headers are there; the body streams, and counts against `maxBytes`.
 * The name stays in Host, in SNI and in the check of the certificate. No proxy of the environment is used, no connection is shared.
 */
export async function sendExchange(exchange: Exchange): Promise<Response> {
  const { url, addresses, method, headers, body, ca, signal } = exchange;
  const secure = url.protocol === 'https:';
  return await new Promise<Response>((resolve, reject) => {
    const options = {
      host: hostOf(url),
      port: portOf(url),
      path: `${url.pathname}${url.search}`,
      method,
      headers: Object.fromEntries(headers),
      lookup: pinnedLookup(addresses),
      signal,
    };
    const request = secure
      ? requestHttps({ ...options, agent: new HttpsAgent({ keepAlive: false, ...trusting(ca) }) })
      : requestHttp({ ...options, agent: new HttpAgent({ keepAlive: false }) });
    request.on('response', (message) => {
      try {
        resolve(responseOf(message, exchange));
      } catch (error) {
        message.destroy();
        reject(error);
      }
    });
    request.on('error', (error) => {
      if (signal.aborted) return reject(signal.reason);
      reject(
        failure(url.origin, connectionProblem(error), 'check that the address is right and its service runs', error),
      );
    });
    request.end(body ?? undefined);
  });
}

function trusting(ca: readonly string[]): { ca?: string[] } {
  return ca.length === 0 ? {} : { ca: [...getCACertificates('default'), ...ca] };
}

function connectionProblem(error: Error): string {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : null;
  return code === null ? 'the connection failed' : `the connection failed (${code})`;
}
