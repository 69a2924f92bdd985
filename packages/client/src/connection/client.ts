import { type RouteDefinition, routes } from '@countersign/protocol';
import type { CallAnswer, CallArguments, CallableRouteId, UntypedRequest } from '../call/call-types.ts';
import { readAnswer } from '../call/read-answer.ts';
import { readChunks } from '../call/read-chunks.ts';
import type { NumberedEvent } from '../event/event-stream.ts';
import { type FollowOptions, followEvents } from '../event/follow-events.ts';
import { routeAddress, serverAddress } from './address.ts';
import { correlationHeaders } from './correlation-headers.ts';
import { type ConnectionSettings, type CredentialSource, fixedCredential, send, withRetries } from './transport.ts';

const defaultTimeoutMs = 90_000;

/** How to reach a server. */
export interface ConnectOptions {
  /** `http://host:port` or `https://host`, with an optional path prefix. */
  readonly url: string;
  /** Bearer token; left out or null, only routes without a permission answer. */
  readonly token?: string | null;
  /** Instead of a token: what makes a credential for each request. */
  readonly credential?: CredentialSource;
  readonly fetch?: typeof fetch;
  readonly userAgent?: string;
}

/** A typed connection to one server. Makes no request by itself. */
export class Client {
  readonly #settings: ConnectionSettings;
  constructor(settings: ConnectionSettings) {
    this.#settings = settings;
  }

  /** Base address of the server, without a trailing slash. */
  get url(): string {
    return this.#settings.url;
  }

  /**
   * Calls a route of the route table and answers its parsed body.
   *
   * GETs are tried three times where a connection breaks; nothing else is ever sent twice.
   *
   * @throws ApiError with the server's code; `E_TARGET_UNREACHABLE` when no server answers; `E_TIMEOUT`.
   */
  call<K extends CallableRouteId>(id: K, ...request: CallArguments<K>): Promise<CallAnswer<K>>;
  async call(id: CallableRouteId, request: UntypedRequest = {}): Promise<unknown> {
    const route: RouteDefinition = routes[id];
    const { url } = this.#settings;
    const address = routeAddress(url, route, request.params ?? {}, request.query ?? {});
    const headers: Record<string, string> = { accept: acceptOf(route) };
    if (request.preferWaitSeconds !== undefined) headers.prefer = `wait=${request.preferWaitSeconds}`;
    if (request.idempotencyKey !== undefined) headers['idempotency-key'] = request.idempotencyKey;
    Object.assign(headers, correlationHeaders(request.correlationId));
    const body = request.body === undefined ? {} : { body: JSON.stringify(request.body) };
    const timeoutMs = request.timeoutMs ?? defaultTimeoutMs;
    const limits = { url, timeoutMs, signal: request.signal, idempotent: route.method === 'GET' };
    return withRetries(limits, async (signal) => {
      const response = await send(this.#settings, { method: route.method, address, headers, ...body, signal });
      return readAnswer(route, response, url, signal);
    });
  }

  /**
   * The body of a route that answers text, as it comes: for what may be larger than memory. Nothing is tried again.
   *
   * @throws ApiError as `call`.
   */
  async *stream(id: 'auditExport', request: UntypedRequest = {}): AsyncGenerator<Uint8Array> {
    const address = routeAddress(this.url, routes[id], request.params ?? {}, request.query ?? {});
    const signal = request.signal ?? new AbortController().signal;
    const response = await send(this.#settings, {
      method: routes[id].method,
      address,
      headers: { accept: '*/*' },
      signal,
    });
    yield* readChunks(response, this.url);
  }

  /**
   * Events of an operation and its run, each once and in order, resumed by itself where the connection breaks.
   * Ends with the `end` event, with `follow: false` after what is stored, or when `signal` is aborted.
   *
   * @throws ApiError when the server refuses or stays away.
   */
  events(opId: string, options: FollowOptions = {}): AsyncGenerator<NumberedEvent> {
    const query = options.follow === false ? { follow: 'false' } : {};
    const address = routeAddress(this.url, routes.opsEvents, { op_id: opId }, query);
    const open = (after: number | null, signal: AbortSignal) => {
      const resume: Record<string, string> = after === null ? {} : { 'last-event-id': String(after) };
      const headers = { accept: 'text/event-stream', ...resume };
      return send(this.#settings, { method: 'GET', address, headers, signal });
    };
    return followEvents(open, this.url, options);
  }
}

function acceptOf(route: RouteDefinition): string {
  const kinds = Object.values(route.answers);
  return kinds.every((kind) => typeof kind !== 'string') ? 'application/json' : '*/*';
}

/**
 * A connection to the server at `url`. Nothing is sent yet.
 *
 * @throws CodedError E_VALIDATION when `url` is not a plain http(s) address.
 */
export function connect(options: ConnectOptions): Client {
  return new Client({
    url: serverAddress(options.url),
    credential: options.credential ?? fixedCredential(options.token ?? null),
    fetch: options.fetch ?? fetch,
    userAgent: options.userAgent ?? 'countersign-client',
  });
}
