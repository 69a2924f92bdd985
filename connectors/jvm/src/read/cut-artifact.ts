/** A text artifact that keeps to a cap, cut between characters. */
export function textArtifact(name: string, text: string, maxBytes: number) {
  const bytes = Buffer.from(text, 'utf8');
  let end = Math.min(Math.max(maxBytes, 0), bytes.length);
  while (end > 0 && end < bytes.length && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return {
    name,
    mediaType: 'text/plain',
    content: new Uint8Array(bytes.subarray(0, end)),
    truncated: end < bytes.length,
  };
}
