import { failure, refusal } from '../request/outbound-error.ts';
import { hostOf, portOf } from '../request/parse-url.ts';
import type { AllowList } from './allow-list.ts';
import { parseIp } from './ip-address.ts';
import { ownAddresses, type Resolve } from './resolve.ts';

/** An address that was checked and that a connection is pinned to. */
export interface PinnedAddress {
  readonly address: string;
  readonly family: 4 | 6;
}

const mostAddresses = 32;

async function addressesOf(url: URL, resolve: Resolve): Promise<readonly string[]> {
  const host = hostOf(url);
  if (parseIp(host) !== null) return [host];
  try {
    return await resolve(host);
  } catch (error) {
    throw failure(url.origin, 'its name has no address', 'check the name, and the DNS of this machine', error);
  }
}

/**
 * Resolves the host of a URL once and checks every address it has; one that may not be reached refuses them all, so that
 * a name cannot hide an inner address among public ones. Throws E_OUTBOUND_REFUSED, E_OUTBOUND_FAILED.
 */
export async function checkDestination(url: URL, allow: AllowList, resolve: Resolve): Promise<PinnedAddress[]> {
  const found = await addressesOf(url, resolve);
  if (found.length === 0 || found.length > mostAddresses)
    throw failure(url.origin, `its name has ${found.length} addresses`, 'check the DNS records of the name');
  const own = ownAddresses();
  return found.map((address) => {
    const parsed = parseIp(address);
    if (parsed === null) throw refusal(url.origin, 'its address cannot be read', 'check the DNS records of the name');
    const destination = { host: hostOf(url), address: parsed, port: portOf(url) };
    const why = allow.judge(destination, own);
    if (why !== null)
      throw refusal(
        url.origin,
        `it leads to a ${why} address`,
        'if that is meant, name it under outbound.allow in countersign.yaml',
      );
    if (url.protocol === 'http:' && !allow.names(destination))
      throw refusal(
        url.origin,
        'plain http goes only to hosts that outbound.allow names',
        'use https, or name the host under outbound.allow in countersign.yaml',
      );
    return { address, family: parsed.version };
  });
}
