import { CodedError, type RouteDefinition } from '@countersign/protocol';

/** A server's base address: http or https, no credentials, query or fragment; a path is kept as a prefix. */
export function serverAddress(text: string): string {
  const url = URL.parse(text);
  const fits = url && /^https?:$/.test(url.protocol) && !url.username && !url.password && !url.search && !url.hash;
  if (!fits) {
    const next = 'give http://host:port or https://host, without user, query or fragment';
    throw new CodedError('E_VALIDATION', `"${text}" is not a server address: ${next}`, { field: 'server', next });
  }
  return url.href.replace(/\/+$/, '');
}

function scalarText(value: unknown, field: string): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new TypeError(`"${field}" cannot stand in an address`);
}

/** Address of a route: parameters percent-encoded into the path, the query appended, absent members left out. */
export function routeAddress(
  base: string,
  route: RouteDefinition,
  params: Readonly<Record<string, unknown>>,
  query: Readonly<Record<string, unknown>>,
): string {
  const path = route.path.replace(/:([a-z_]+)/g, (_whole, name: string) => {
    const text = scalarText(params[name], name);
    // A dot segment survives percent-encoding and would be resolved away, landing on another route.
    if (text === '' || text === '.' || text === '..') throw new TypeError(`"${name}" is not a path segment`);
    return encodeURIComponent(text);
  });
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) search.append(name, scalarText(value, name));
  }
  return search.size === 0 ? base + path : `${base + path}?${search}`;
}
