import { type IpAddress, type IpRange, inRange, parseRange } from './ip-address.ts';

/** Why an address is not reached. `reserved` includes documentation, benchmarking and everything not assigned to the internet. */
export type AddressClass =
  | 'this host'
  | 'loopback'
  | 'private'
  | 'link-local'
  | 'shared'
  | 'metadata'
  | 'multicast'
  | 'reserved'
  | 'transition';

const rangesOf = (kind: AddressClass, ...texts: string[]): { kind: AddressClass; range: IpRange }[] =>
  texts.map((text) => {
    const range = parseRange(text);
    if (range === null) throw new Error(`${text} is no range`);
    return { kind, range };
  });

// IANA's special-purpose registries. 168.63.129.16 looks public and is the host's own service on Azure.
const refused4 = [
  ...rangesOf('reserved', '0.0.0.0/8', '192.0.0.0/24', '192.0.2.0/24', '198.18.0.0/15', '198.51.100.0/24'),
  ...rangesOf('reserved', '203.0.113.0/24', '240.0.0.0/4', '192.31.196.0/24', '192.52.193.0/24', '192.175.48.0/24'),
  ...rangesOf('loopback', '127.0.0.0/8'),
  ...rangesOf('private', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'),
  ...rangesOf('shared', '100.64.0.0/10'),
  ...rangesOf('link-local', '169.254.0.0/16'),
  ...rangesOf('metadata', '168.63.129.16'),
  ...rangesOf('transition', '192.88.99.0/24'),
  ...rangesOf('multicast', '224.0.0.0/4'),
];
const refused6 = [
  ...rangesOf('loopback', '::1'),
  // IPv4-compatible, IPv4-mapped, IPv4-translated, NAT64 of a local network, Teredo, 6to4: each carries an IPv4 address.
  ...rangesOf('transition', '::/96', '::ffff:0:0/96', '::ffff:0:0:0/96', '64:ff9b:1::/48', '2001::/32', '2002::/16'),
  ...rangesOf('private', 'fc00::/7'),
  ...rangesOf('link-local', 'fe80::/10'),
  ...rangesOf('multicast', 'ff00::/8'),
  ...rangesOf('reserved', '2001::/23', '2001:db8::/32', '3fff::/20', '5f00::/16', '2620:4f:8000::/48'),
];
const [nat64] = rangesOf('transition', '64:ff9b::/96');
const [globalUnicast] = rangesOf('reserved', '2000::/3');

function classOf(address: IpAddress): AddressClass | null {
  if (address.version === 4) return refused4.find(({ range }) => inRange(address, range))?.kind ?? null;
  const found = refused6.find(({ range }) => inRange(address, range))?.kind;
  if (found !== undefined) return found;
  // Behind DNS64 every IPv4 host of the internet has such an address, so the one inside is what is judged.
  if (nat64 !== undefined && inRange(address, nat64.range)) {
    return classOf({ version: 4, value: address.value & 0xffffffffn }) === null ? null : 'transition';
  }
  return globalUnicast !== undefined && inRange(address, globalUnicast.range) ? null : 'reserved';
}

/**
 * Why an address may not be reached without being allowed by name; null for one of the public internet.
 * `ownAddresses` are those of this machine's interfaces: they are this host, whatever range they are from.
 */
export function judgeAddress(address: IpAddress, ownAddresses: readonly IpAddress[]): AddressClass | null {
  const { version, value } = address;
  const own = ownAddresses.some((each) => each.version === version && each.value === value);
  return classOf(address) ?? (own ? 'this host' : null);
}
