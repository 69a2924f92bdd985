const base64Digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

function base64Core(bytes: Uint8Array, offset: number): string {
  // Digits that depend on this secret alone, when `offset` unknown bytes stand before it and anything may follow.
  const firstDigit = Math.ceil((offset * 8) / 6);
  const lastDigit = Math.floor(((offset + bytes.length) * 8) / 6);
  let text = '';
  for (let digit = firstDigit; digit < lastDigit; digit += 1) {
    let value = 0;
    for (let bit = 0; bit < 6; bit += 1) {
      const position = digit * 6 + bit - offset * 8;
      const byte = bytes[position >> 3] ?? 0;
      value = (value << 1) | ((byte >> (7 - (position & 7))) & 1);
    }
    text += base64Digits.charAt(value);
  }
  return text;
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function percentEverything(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');
}

/** Shortest text that is treated as a secret; shorter ones would blank out ordinary words. */
export const shortestSecret = 5;

/** Every spelling of a secret that must not leave: raw, JSON, URL, hex, and base64 at each alignment. Longest first. */
export function secretForms(secret: string): string[] {
  if (secret.length < shortestSecret) return [];
  const bytes = new TextEncoder().encode(secret);
  const url = encodeURIComponent(secret.toWellFormed());
  const hex = hexOf(bytes);
  const cores = [0, 1, 2].map((offset) => base64Core(bytes, offset)).filter((core) => core.length >= 6);
  const forms = new Set([
    secret,
    JSON.stringify(secret).slice(1, -1),
    url,
    url.replaceAll('%20', '+'),
    percentEverything(bytes),
    percentEverything(bytes).toLowerCase(),
    hex,
    hex.toUpperCase(),
    ...cores,
    ...cores.map((core) => core.replaceAll('+', '-').replaceAll('/', '_')),
  ]);
  return [...forms].sort((a, b) => b.length - a.length);
}
