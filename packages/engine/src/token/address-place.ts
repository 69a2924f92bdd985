/** What stands for an address that nobody knows, as in calls from inside the process. */
const inside = 'inside';

/**
 * The place that an address counts as: an IPv4 address itself, of IPv6 the first four groups, because a host changes the rest
 * by itself. `address` is as the socket or a trusted proxy gives it.
 */
export function placeOfAddress(address: string | null): string {
  if (address === null || address === '') return inside;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  const plain = address.split('%')[0] ?? address;
  if (!plain.includes(':')) return plain.slice(0, 64);
  const [head = '', tail] = plain.toLowerCase().split('::');
  const first = head === '' ? [] : head.split(':');
  const last = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros =
    tail === undefined ? [] : Array.from({ length: Math.max(0, 8 - first.length - last.length) }, () => '0');
  const groups = [...first, ...zeros, ...last].slice(0, 4).map((group) => group.replace(/^0+(?=.)/, ''));
  return `${groups.join(':')}::/64`;
}
