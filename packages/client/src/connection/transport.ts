import { ApiError, fromErrorAnswer, timedOut, unexpectedAnswer, unreachable } from './api-error.ts';

/** Where a connection's bearer credential comes from, asked anew for each request. */
export interface CredentialSource {
  /** Null for none. */
  text(): string | null;
  /** Told of a credential that was refused (E_AUTH_INVALID); true where one more try with another makes sense. */
  refused(error: ApiError): boolean;
}

/** The same credential always, or none. */
export function fixedCredential(token: string | null): CredentialSource {
  return { text: () => token, refused: () => false };
}

/** What a connection is made of. */
export interface ConnectionSettings {
  /** Base address without a trailing slash. */
  readonly url: string;
  readonly credential: CredentialSource;
  readonly fetch: typeof fetch;
  readonly userAgent: string;
}

/** One HTTP exchange. */
export interface Exchange {
  readonly method: string;
  readonly address: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
}

const attempts = 3;
const firstPauseMs = 150;

/** Waits; rejects with the signal's reason when that comes first. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(done, ms);
    function done() {
      signal.removeEventListener('abort', stop);
      resolve();
    }
    function stop() {
      clearTimeout(timer);
      reject(signal.reason);
    }
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}

function isRefusedConnection(error: ApiError): boolean {
  const cause = error.cause instanceof Error ? error.cause.cause : undefined;
  return cause instanceof Error && 'code' in cause && (cause.code === 'ECONNREFUSED' || cause.code === 'ENOTFOUND');
}

function mayRetry(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false;
  if (error.status === 0) return error.code === 'E_TARGET_UNREACHABLE' && !isRefusedConnection(error);
  return error.code === 'E_STORE' || (error.code === 'E_INTERNAL' && [502, 503, 504].includes(error.status));
}

/** Sends one request and answers the response of a success status; anything else is thrown as `ApiError`. */
export async function send(settings: ConnectionSettings, exchange: Exchange): Promise<Response> {
  try {
    return await sendOnce(settings, exchange);
  } catch (error) {
    const again = error instanceof ApiError && error.code === 'E_AUTH_INVALID' && settings.credential.refused(error);
    if (!again) throw error;
    return await sendOnce(settings, exchange);
  }
}

async function sendOnce(settings: ConnectionSettings, exchange: Exchange): Promise<Response> {
  const { method, address, body, signal } = exchange;
  const headers: Record<string, string> = { 'user-agent': settings.userAgent, ...exchange.headers };
  const credential = settings.credential.text();
  if (credential !== null) headers.authorization = `Bearer ${credential}`;
  if (body !== undefined) headers['content-type'] = 'application/json';
  let response: Response;
  try {
    // Redirects are never followed: a token must reach only the address that was asked for.
    response = await settings.fetch(address, {
      method,
      headers,
      signal,
      redirect: 'manual',
      ...(body !== undefined && { body }),
    });
  } catch (cause) {
    if (signal.aborted) throw signal.reason;
    throw unreachable(settings.url, cause);
  }
  if (response.ok) return response;
  const requestId = response.headers.get('x-request-id');
  if (response.status < 400) {
    await response.body?.cancel();
    throw unexpectedAnswer(`status ${response.status}, a redirect`, response.status, requestId);
  }
  throw fromErrorAnswer(response.status, await readText(response, settings.url, signal), requestId);
}

/** Reads the whole body; a connection that breaks meanwhile is an unreachable server. */
export async function readBytes(response: Response, url: string, signal: AbortSignal): Promise<Uint8Array> {
  try {
    return new Uint8Array(await response.arrayBuffer());
  } catch (cause) {
    if (signal.aborted) throw signal.reason;
    throw unreachable(url, cause);
  }
}

/** The whole body as text. */
export async function readText(response: Response, url: string, signal: AbortSignal): Promise<string> {
  return new TextDecoder().decode(await readBytes(response, url, signal));
}

/**
 * Runs `once` under a time limit, again where that is harmless.
 *
 * @param idempotent a GET: tried three times on a broken connection or a database that is busy.
 */
export async function withRetries<T>(
  limits: { url: string; timeoutMs: number; signal: AbortSignal | undefined; idempotent: boolean },
  once: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const timeout = AbortSignal.timeout(limits.timeoutMs);
  const signal = limits.signal ? AbortSignal.any([limits.signal, timeout]) : timeout;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await once(signal);
    } catch (error) {
      if (timeout.aborted && !limits.signal?.aborted) throw timedOut(limits.url, limits.timeoutMs, error);
      if (!limits.idempotent || attempt === attempts || !mayRetry(error)) throw error;
      // An abort meanwhile is seen by the next attempt, which gives it its meaning.
      await pause(firstPauseMs * 2 ** (attempt - 1), signal).catch(() => undefined);
    }
  }
}
