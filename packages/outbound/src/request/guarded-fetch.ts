import { AllowList } from '../address/allow-list.ts';
import { checkDestination } from '../address/check-destination.ts';
import { type Resolve, systemResolve } from '../address/resolve.ts';
import { sendExchange } from '../exchange/exchange.ts';
import { failure, refusal } from './outbound-error.ts';
import { parseLocation, parseUrl } from './parse-url.ts';

/** How a guard judges and bounds what leaves. */
export interface GuardOptions {
  /** Destinations inside one's own network that are meant: names, addresses, ranges, each with a port or without. */
  readonly allow?: readonly string[];
  /**
   * Where requests may go at all, as `https://host`: for a caller that holds a secret, so that the secret reaches only the
   * origin it was configured for, whatever a redirect or a discovered address says. Left out, anywhere the guard allows.
   */
  readonly origins?: readonly string[];
  /** For everything from the look-up of the name to the last byte of the body. */
  readonly timeoutMs?: number;
  /** Longest body that is taken. */
  readonly maxBytes?: number;
  readonly maxRedirects?: number;
  /** Certificates (PEM) that are trusted beside the built-in ones. */
  readonly ca?: readonly string[];
  /** Asks for the addresses of a name; the machine's own resolver when left out. */
  readonly resolve?: Resolve;
}

/** What a request may say; the part of `RequestInit` that leaves this process. */
export interface OutboundInit {
  readonly method?: string | undefined;
  readonly headers?: Headers | Readonly<Record<string, string>> | undefined;
  readonly body?: ConstructorParameters<typeof Response>[0] | undefined;
  /** `follow` (as `fetch` does), `manual`: a redirect is an answer like any other, `error`: it is a failure. */
  readonly redirect?: 'follow' | 'manual' | 'error' | undefined;
  readonly signal?: AbortSignal | null | undefined;
}

/** `fetch`, guarded. */
export type OutboundFetch = (url: string | URL, init?: OutboundInit) => Promise<Response>;

interface Hop {
  readonly url: URL;
  readonly method: string;
  readonly headers: Headers;
  readonly body: Uint8Array | null;
}

const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** What goes along to another origin; anything else may be a secret of the first. */
const impersonal: ReadonlySet<string> = new Set(['accept', 'accept-encoding', 'accept-language', 'user-agent']);

async function firstHop(text: string | URL, init: OutboundInit): Promise<Hop> {
  const url = parseUrl(String(text));
  const { method = 'GET', headers = {}, body = null } = init;
  // Fetch's own rules say which header a kind of body brings along, and what a header may hold.
  const request = new Request(url, { method, headers, body, ...(body === null ? {} : { duplex: 'half' }) });
  const sent = new Headers(request.headers);
  for (const name of ['host', 'connection', 'transfer-encoding', 'content-length']) sent.delete(name);
  if (!sent.has('user-agent')) sent.set('user-agent', 'countersign');
  sent.set('accept-encoding', 'identity');
  return {
    url,
    method: request.method,
    headers: sent,
    body: request.body === null ? null : new Uint8Array(await request.arrayBuffer()),
  };
}

function nextHop({ url, method, headers, body }: Hop, status: number, location: string): Hop {
  const to = parseLocation(location, url);
  const next = `${url.origin} redirects there; name the final address`;
  if (url.protocol === 'https:' && to.protocol === 'http:')
    throw refusal(to.origin, 'a redirect may not give up TLS', next);
  const keeps = status === 307 || status === 308 || method === 'GET' || method === 'HEAD';
  const left = new Headers(headers);
  if (!keeps) for (const name of [...left.keys()]) if (name.startsWith('content-')) left.delete(name);
  if (to.origin !== url.origin) {
    if (keeps && body !== null) throw refusal(to.origin, 'what was meant for another origin is not sent there', next);
    for (const name of [...left.keys()]) if (!impersonal.has(name)) left.delete(name);
  }
  return { url: to, method: keeps ? method : 'GET', headers: left, body: keeps ? body : null };
}

async function withinTime<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  return await new Promise<T>((resolve, reject) => {
    const stop = (): void => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

/** Aborts when the caller's signal does, or when the time is over. */
function deadline(url: string | URL, timeoutMs: number, given: AbortSignal | null | undefined): AbortSignal {
  const late = new AbortController();
  const what = URL.canParse(String(url)) ? new URL(url).origin : 'the URL';
  setTimeout(
    () =>
      late.abort(failure(what, `no whole answer in ${timeoutMs} ms`, 'look at what answers there, and at the network')),
    timeoutMs,
  ).unref();
  return given === null || given === undefined ? late.signal : AbortSignal.any([late.signal, given]);
}

/**
 * Makes the one HTTP client for what leaves this process. Every destination, that of each redirect too, is parsed strictly,
 * resolved once, checked address by address, and connected to by exactly the addresses that were checked. Throws
 * E_OUTBOUND_REFUSED for what may not leave, E_OUTBOUND_FAILED for what did not come back as it should, and the reason of
 * the caller's signal when that aborts. Its face fits openid-client's `customFetch`.
 */
export function guardedFetch(options: GuardOptions): OutboundFetch {
  const { timeoutMs = 10_000, maxBytes = 1_048_576, maxRedirects = 3, resolve = systemResolve, ca = [] } = options;
  const allow = new AllowList(options.allow ?? []);
  const origins = options.origins?.map((origin) => parseUrl(origin).origin);

  async function send(hop: Hop, signal: AbortSignal): Promise<Response> {
    if (origins !== undefined && !origins.includes(hop.url.origin))
      throw refusal(hop.url.origin, 'this client is bound to another origin', `it may call ${origins.join(', ')}`);
    const addresses = await withinTime(checkDestination(hop.url, allow, resolve), signal);
    return await sendExchange({ ...hop, addresses, ca, maxBytes, signal });
  }

  return async (url, init = {}) => {
    const signal = deadline(url, timeoutMs, init.signal);
    let hop = await firstHop(url, init);
    for (let followed = 0; ; followed++) {
      const response = await send(hop, signal);
      const location = redirects.has(response.status) ? response.headers.get('location') : null;
      if (location === null || init.redirect === 'manual') return response;
      await response.body?.cancel();
      const next = 'name the final address';
      if (init.redirect === 'error') throw failure(hop.url.origin, 'it answered with a redirect', next);
      if (followed >= maxRedirects) throw failure(hop.url.origin, `more than ${maxRedirects} redirects`, next);
      hop = nextHop(hop, response.status, location);
    }
  };
}
