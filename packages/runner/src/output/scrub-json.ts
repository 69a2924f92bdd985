import type { Json, Scrubber } from '@countersign/protocol';

/** Scrubs every text inside a JSON value, keys included. */
export function scrubJson(value: Json, scrubber: Scrubber): Json {
  if (typeof value === 'string') return scrubber.text(value);
  if (Array.isArray(value)) return value.map((item) => scrubJson(item, scrubber));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [scrubber.text(key), scrubJson(item, scrubber)]),
  );
}
