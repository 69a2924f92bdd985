const rfc3339 = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/i;

/**
 * Nanoseconds since the epoch of an RFC 3339 time; `undefined` if it is none. Targets write times with up to nine
 * digits and leave trailing zeros out, so they cannot be compared as text, nor as milliseconds.
 */
export function epochNanoseconds(time: string): bigint | undefined {
  const [, seconds, fraction = '', zone] = rfc3339.exec(time) ?? [];
  if (seconds === undefined || zone === undefined) return undefined;
  const wholeMs = Date.parse(`${seconds}${zone.toUpperCase()}`);
  return Number.isNaN(wholeMs) ? undefined : BigInt(wholeMs) * 1_000_000n + BigInt(fraction.padEnd(9, '0'));
}

/** Whether the first of two times is later. A time that cannot be read is not later than any. */
export function isLater(time: string, reference: string): boolean {
  const [left, right] = [epochNanoseconds(time), epochNanoseconds(reference)];
  return left !== undefined && right !== undefined && left > right;
}
