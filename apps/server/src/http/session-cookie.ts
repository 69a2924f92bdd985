import type { Authenticated, EngineContext } from '@countersign/engine';
import { type Outcome, refuse } from '@countersign/protocol';

/** Name of the cookie that carries a session. `__Host-` keeps it to this host, whole and over TLS. */
export const sessionCookie = '__Host-countersign';

/** The session's cookie of a request; undefined without one. */
export function sessionCookieOf(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  for (const pair of header.split(';')) {
    const at = pair.indexOf('=');
    if (at > 0 && pair.slice(0, at).trim() === sessionCookie) return pair.slice(at + 1).trim();
  }
  return undefined;
}

/** The person behind a session's cookie. Unknown, ended and signed-out sessions are told apart by nobody. */
export async function authenticateCookie(_context: EngineContext, _value: string): Promise<Outcome<Authenticated>> {
  return refuse('E_AUTH_INVALID', 'the session is unknown or over', { next: 'sign in again' });
}
