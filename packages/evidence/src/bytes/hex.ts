const pairs = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Lower-case hex digits of the bytes, two a byte. */
export function toHex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += pairs[byte];
  return text;
}

/** Value of a hex digit by its character code; 48 to 57 are the digits, 97 to 102 the letters. */
function digit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  if (code >= 97 && code <= 102) return code - 87;
  throw new TypeError('expected an even number of lower-case hex digits');
}

/**
 * Bytes from lower-case hex digits.
 *
 * @throws TypeError when the text is not an even number of lower-case hex digits.
 */
export function fromHex(text: string): Uint8Array {
  if (text.length % 2 !== 0) throw new TypeError('expected an even number of lower-case hex digits');
  const bytes = new Uint8Array(text.length / 2);
  for (let index = 0; index < bytes.length; index += 1) {
    bytes[index] = digit(text.charCodeAt(index * 2)) * 16 + digit(text.charCodeAt(index * 2 + 1));
  }
  return bytes;
}
