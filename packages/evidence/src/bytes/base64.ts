const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const letterValues = new Map([...alphabet].map((letter, value) => [letter, value]));

/** Standard base64 with padding (RFC 4648 section 4). */
export function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (let offset = 0; offset < bytes.length; offset += 3) {
    const size = Math.min(3, bytes.length - offset);
    const group = ((bytes[offset] ?? 0) << 16) | ((bytes[offset + 1] ?? 0) << 8) | (bytes[offset + 2] ?? 0);
    for (let letter = 0; letter < 4; letter += 1) {
      text += letter <= size ? alphabet.charAt((group >> (18 - 6 * letter)) & 63) : '=';
    }
  }
  return text;
}

/**
 * Bytes from standard padded base64, or null when the text is not exactly what `toBase64` would write.
 *
 * Stricter than RFC 4648 demands: one byte string has one spelling, so a changed letter can never go unseen.
 */
export function fromBase64(text: string): Uint8Array | null {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  for (let offset = 0; offset < text.length; offset += 4) {
    let group = 0;
    for (let letter = 0; letter < 4; letter += 1)
      group = (group << 6) | (letterValues.get(text.charAt(offset + letter)) ?? 0);
    const at = (offset / 4) * 3;
    // An array of bytes keeps the last eight bits, and nothing behind its end: that is where padding falls.
    bytes[at] = group >> 16;
    bytes[at + 1] = group >> 8;
    bytes[at + 2] = group;
  }
  // What was no base64, or another spelling of it, does not come out again.
  return toBase64(bytes) === text ? bytes : null;
}
