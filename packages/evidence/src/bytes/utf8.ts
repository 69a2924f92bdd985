// Declared here because the package is compiled without DOM and Node types: every runtime it serves has both.
declare const TextEncoder: { new (): { encode(text: string): Uint8Array } };
declare const TextDecoder: {
  new (label: string, options: { fatal: boolean; ignoreBOM: boolean }): { decode(bytes: Uint8Array): string };
};

/** UTF-8 bytes of the text; a lone surrogate becomes U+FFFD, so check `isWellFormed()` first where that matters. */
export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Text from UTF-8, or null when the bytes are not valid UTF-8. A byte order mark is kept as a character. */
export function fromUtf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}
