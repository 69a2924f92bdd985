import type { ProviderHost } from './provider-settings.ts';

/** What became of the last request that the SDK made. */
export interface Exchange {
  /** Status of the answer; null while there is none. */
  status: number | null;
  /** How long the provider asks to be left alone, in ms; null where it does not say. */
  retryAfterMs: number | null;
  /** What was thrown instead of an answer. */
  thrown: unknown;
}

/** `Retry-After` in seconds or as a date, or `retry-after-ms`. */
function retryAfterOf(headers: Headers, epochNow: number): number | null {
  const ms = Number(headers.get('retry-after-ms') ?? Number.NaN);
  if (Number.isFinite(ms) && ms >= 0) return ms;
  const text = headers.get('retry-after');
  if (text === null) return null;
  const seconds = Number(text);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : Math.max(0, at - epochNow);
}

function headersOf(init: RequestInit | undefined): Record<string, string> {
  return Object.fromEntries(new Headers(init?.headers));
}

/** The fetch that the SDK gets: what it sends leaves by the host's, and what came back is noted beside it. */
export function sdkFetch(
  host: Pick<ProviderHost, 'fetch'>,
  signal: AbortSignal,
): { fetch: typeof globalThis.fetch; exchange: Exchange } {
  const exchange: Exchange = { status: null, retryAfterMs: null, thrown: null };
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    const { body } = init ?? {};
    if (body !== undefined && body !== null && typeof body !== 'string') throw new TypeError('a body is text');
    try {
      const response = await host.fetch(url, {
        method: init?.method === 'GET' ? 'GET' : 'POST',
        headers: headersOf(init),
        signal,
        ...(typeof body === 'string' ? { body } : {}),
      });
      exchange.status = response.status;
      exchange.retryAfterMs = retryAfterOf(response.headers, Date.now());
      return response;
    } catch (error) {
      exchange.thrown = error;
      throw error;
    }
  };
  return { fetch, exchange };
}
