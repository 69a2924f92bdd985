import { refusal } from './outbound-error.ts';

const longest = 4096;
const webPorts: Readonly<Record<string, string>> = { 'https:': '443', 'http:': '80' };

function judged(url: URL, next: string): URL {
  const what = url.origin === 'null' ? url.protocol : url.origin;
  if (!Object.hasOwn(webPorts, url.protocol)) throw refusal(what, 'only https and http leave from here', next);
  if (url.username !== '' || url.password !== '')
    throw refusal(what, 'a URL may not hold a user name or a password', next);
  if (url.hostname === '' || url.hostname.endsWith('.')) throw refusal(what, 'the host is not written plainly', next);
  return url;
}

/**
 * Parses an address to call. Its host must stand there exactly as it will be read: other spellings of numbers, percent
 * signs, other scripts, backslashes and control characters are refused. Throws E_OUTBOUND_REFUSED.
 */
export function parseUrl(text: string): URL {
  const next = 'write https://, the host in plain lower case (an internationalised name as xn--), and the path';
  // No part of the text is repeated: it may hold what is not for a log.
  if (text.length > longest) throw refusal('the URL', `is longer than ${longest} characters`, next);
  const authority = /^https?:\/\/([^/?#\\]+)(?:[/?#]|$)/.exec(text)?.[1];
  if (authority === undefined || !/^[!-~]+$/.test(text) || !URL.canParse(text))
    throw refusal('the URL', 'expected https:// or http://, a host written plainly, and a path', next);
  const url = judged(new URL(text), next);
  const written = authority.replace(/:(\d+)$/, (whole, port) => (port === webPorts[url.protocol] ? '' : whole));
  if (written !== url.host) throw refusal(url.origin, 'the host is not written plainly', next);
  return url;
}

/** Where a redirect leads. Throws E_OUTBOUND_REFUSED. */
export function parseLocation(location: string, from: URL): URL {
  const next = `${from.origin} redirects to where nothing is called; name the final address`;
  if (location.length > longest || !URL.canParse(location, from.href))
    throw refusal(from.origin, 'its redirect cannot be read', next);
  return judged(new URL(location, from), next);
}

/** The host of a URL without the brackets of IPv6. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '');
}

/** The port of a URL, its scheme's where it names none. */
export function portOf(url: URL): number {
  return Number(url.port === '' ? webPorts[url.protocol] : url.port);
}
