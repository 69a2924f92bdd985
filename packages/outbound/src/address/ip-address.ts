import { isIP } from 'node:net';

/** An address as a number, so that ranges are comparisons. */
export interface IpAddress {
  readonly version: 4 | 6;
  readonly value: bigint;
}

/** A range in CIDR notation: every address whose first `prefix` bits are those of `value`. */
export interface IpRange extends IpAddress {
  readonly prefix: number;
}

const widths = { 4: 32, 6: 128 } as const;

function ipv4Value(text: string): bigint {
  return text.split('.').reduce((value, part) => value * 256n + BigInt(part), 0n);
}

function groupsOf(text: string): bigint[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    if (!group.includes('.')) return [BigInt(`0x${group}`)];
    const value = ipv4Value(group);
    return [value >> 16n, value & 0xffffn];
  });
}

function ipv6Value(text: string): bigint {
  const [head = '', tail] = text.split('::');
  const first = groupsOf(head);
  const last = tail === undefined ? [] : groupsOf(tail);
  const gap = Array.from({ length: 8 - first.length - last.length }, () => 0n);
  return [...first, ...gap, ...last].reduce((value, group) => value * 0x10000n + group, 0n);
}

/** The address that a text spells in its usual form; null for anything else, a zone id included. */
export function parseIp(text: string): IpAddress | null {
  if (text.includes('%')) return null;
  const version = isIP(text);
  if (version === 4) return { version, value: ipv4Value(text) };
  if (version === 6) return { version, value: ipv6Value(text) };
  return null;
}

/** The range that `address/prefix` spells, or the one address; null where it is neither. Bits after the prefix must be zero. */
export function parseRange(text: string): IpRange | null {
  const [start = '', length, ...rest] = text.split('/');
  const address = parseIp(start);
  if (address === null || rest.length > 0) return null;
  const width = widths[address.version];
  if (length === undefined) return { ...address, prefix: width };
  if (!/^(0|[1-9]\d{0,2})$/.test(length) || Number(length) > width) return null;
  const range = { ...address, prefix: Number(length) };
  return (address.value & ((1n << BigInt(width - range.prefix)) - 1n)) === 0n ? range : null;
}

/** Whether an address lies in a range. Versions never mix: an IPv4 address inside an IPv6 one is not that IPv4 address. */
export function inRange(address: IpAddress, range: IpRange): boolean {
  const shift = BigInt(widths[range.version] - range.prefix);
  return address.version === range.version && address.value >> shift === range.value >> shift;
}
