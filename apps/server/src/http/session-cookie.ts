import type { WebMode } from '@countersign/protocol';

/** Name of the cookie that carries a session. `__Host-` keeps it to this very host, to all of it, and to TLS. */
export const sessionCookie = '__Host-countersign';

const sites: Readonly<Record<WebMode, string>> = {
  same_origin: 'SameSite=Strict',
  same_site: 'SameSite=Lax',
  // Partitioned: a browser that blocks third-party cookies may still keep one apart for each site that shows the page.
  cross_site: 'SameSite=None; Partitioned',
};

/** The `Set-Cookie` that hands a session to a browser for `maxAgeMs`. */
export function sessionCookieText(value: string, mode: WebMode, maxAgeMs: number): string {
  const seconds = Math.max(0, Math.floor(maxAgeMs / 1000));
  return `${sessionCookie}=${value}; Path=/; Max-Age=${seconds}; Secure; HttpOnly; ${sites[mode]}`;
}

/** The `Set-Cookie` that takes a session from a browser. */
export function endedCookieText(mode: WebMode): string {
  return sessionCookieText('', mode, 0);
}

/** The session's cookie of a request; undefined without one. */
export function sessionCookieOf(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  for (const pair of header.split(';')) {
    const at = pair.indexOf('=');
    if (at <= 0 || pair.slice(0, at).trim() !== sessionCookie) continue;
    const value = pair.slice(at + 1).trim();
    return value === '' ? undefined : value;
  }
  return undefined;
}
