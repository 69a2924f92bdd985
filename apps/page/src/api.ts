import type { CallAnswer, CallArguments, CallableRouteId } from '@countersign/client';
import { readJson } from '@countersign/protocol/read-json';
import { addresses, type Called, eventsAddress } from './addresses.ts';
import { isRefused, Refused, refusalOf } from './refused.ts';

const configured = document.querySelector('meta[name="countersign-api"]')?.getAttribute('content') ?? '';
/** Where the API is: its origin, or nothing where it is this page's own. */
const api = configured.replace(/\/$/, '');
/** Whether the page and the API are of two origins, so that a browser may keep the session's cookie back. */
export const isElsewhere = api !== '' && new URL(api).origin !== location.origin;

interface Request {
  readonly params?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
}
type CallablePageRoute = Called & CallableRouteId;

function addressOf(path: string, { params = {}, query = {} }: Request): string {
  const filled = path.replaceAll(/:([a-z_]+)/g, (_, name: string) => encodeURIComponent(String(params[name])));
  const search = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)])).toString();
  return `${api}${filled}${search === '' ? '' : `?${search}`}`;
}

async function reach(address: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(address, {
      credentials: isElsewhere ? 'include' : 'same-origin',
      cache: 'no-store',
      redirect: 'error',
      ...init,
    });
  } catch (cause) {
    if (init.signal?.aborted === true) throw cause;
    throw new Refused('page.unreachable', 'the server does not answer', 'look at the connection and try again');
  }
}

async function refusal(response: Response): Promise<Refused> {
  const text = await response.text();
  try {
    return refusalOf(response.status, readJson(text));
  } catch {
    // What stands between may answer something that is no JSON.
    return refusalOf(response.status, null);
  }
}

let csrfToken: Promise<string | null> | null = null;

/** Forgets the token: it belongs to one session, and a session is renewed at sign-in and at step-up. */
export function forgetCsrf(): void {
  csrfToken = null;
}

async function readCsrf(): Promise<string | null> {
  const { csrf_token: token } = await call('csrfBootstrap');
  return token;
}

async function exchange(method: string, address: string, body: unknown): Promise<Response> {
  const headers: Record<string, string> = { accept: 'application/json' };
  if (body !== undefined) headers['content-type'] = 'application/json';
  if (method !== 'GET') {
    csrfToken ??= readCsrf();
    const token = await csrfToken;
    if (token !== null) headers['x-csrf-token'] = token;
  }
  const response = await reach(address, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) });
  if (response.ok) return response;
  throw await refusal(response);
}

/**
 * Calls a route and answers what it answers. Both sides are made from one route table, so the answer is taken as it says.
 *
 * @throws Refused with the server's code and words.
 */
export function call<Id extends CallablePageRoute>(id: Id, ...request: CallArguments<Id>): Promise<CallAnswer<Id>>;
export async function call(id: Called, request: Request = {}): Promise<unknown> {
  const [method = '', path = ''] = addresses[id].split(' ');
  const address = addressOf(path, request);
  let response: Response;
  try {
    response = await exchange(method, address, request.body);
  } catch (error) {
    if (!isRefused(error, 'E_AUTH_CSRF') || method === 'GET') throw error;
    // The session was renewed in another window: its new token, once.
    forgetCsrf();
    response = await exchange(method, address, request.body);
  }
  const text = await response.text();
  return text === '' ? null : readJson(text);
}

/** The stream of an operation after an event, as bytes. */
export async function openEvents(
  operation: string,
  after: number,
  signal: AbortSignal,
): Promise<ReadableStream<Uint8Array>> {
  const path = eventsAddress.replace('GET ', '');
  const address = addressOf(path, { params: { op_id: operation }, query: { after } });
  const response = await reach(address, { headers: { accept: 'text/event-stream' }, signal });
  if (!response.ok) throw await refusal(response);
  return response.body ?? new ReadableStream();
}
