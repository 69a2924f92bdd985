import { type Json, type Scrubber, scrubMark } from '@countersign/protocol';

/** A text that is a secret by the name it stands under, as `{"password": …}`, is one as a whole. */
function named(key: string, text: string, scrubber: Scrubber): string {
  const shown = scrubber.text(text);
  const together = scrubber.text(`${key}=${text}`);
  return together === `${scrubber.text(key)}=${shown}` ? shown : scrubMark;
}

/** Scrubs every text inside a JSON value, keys included. */
export function scrubJson(value: Json, scrubber: Scrubber): Json {
  if (typeof value === 'string') return scrubber.text(value);
  if (Array.isArray(value)) return value.map((item) => scrubJson(item, scrubber));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      scrubber.text(key),
      typeof item === 'string' ? named(key, item, scrubber) : scrubJson(item, scrubber),
    ]),
  );
}
