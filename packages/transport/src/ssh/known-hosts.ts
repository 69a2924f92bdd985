import { createHmac } from 'node:crypto';

/** What a known_hosts file says of one host. */
export interface KnownKeys {
  /** Host keys in SSH's wire format that may be accepted. */
  readonly accepted: readonly Buffer[];
  /** Names of their types, such as `ssh-ed25519`. */
  readonly types: readonly string[];
}

function hashed(pattern: string, name: string): boolean {
  const [, , salt = '', hash = ''] = pattern.split('|');
  return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64') === hash;
}

/** `*` and `?` as OpenSSH reads them in patterns. */
function globMatches(pattern: string, name: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 'i').test(name);
}

/** A negated pattern that matches takes the whole line away. */
function lineMatches(patterns: string, name: string): boolean {
  const each = patterns.split(',');
  if (each.some((pattern) => pattern.startsWith('!') && globMatches(pattern.slice(1), name))) return false;
  return each.some((pattern) =>
    pattern.startsWith('|1|') ? hashed(pattern, name) : !pattern.startsWith('!') && globMatches(pattern, name),
  );
}

/**
 * Finds a host's keys in the text of a known_hosts file: plain, wildcard and hashed names, `[host]:port` where the port
 * is not 22, and `@revoked` lines, which take a key away wherever else it stands. Certificates are not accepted.
 * Source: sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT".
 */
export function knownKeys(text: string, host: string, port: number): KnownKeys {
  const name = (port === 22 ? host : `[${host}]:${port}`).toLowerCase();
  const accepted: { type: string; key: Buffer }[] = [];
  const revoked: Buffer[] = [];
  for (const line of text.split('\n')) {
    const fields = line.trim().split(/\s+/);
    const marker = fields[0]?.startsWith('@') ? fields.shift() : undefined;
    const [patterns = '', type = '', encoded = ''] = fields;
    if (patterns === '' || patterns.startsWith('#') || encoded === '' || !lineMatches(patterns, name)) continue;
    const key = Buffer.from(encoded, 'base64');
    if (marker === '@revoked') revoked.push(key);
    else if (marker === undefined) accepted.push({ type, key });
  }
  const good = accepted.filter(({ key }) => !revoked.some((bad) => bad.equals(key)));
  return { accepted: good.map(({ key }) => key), types: [...new Set(good.map(({ type }) => type))] };
}
