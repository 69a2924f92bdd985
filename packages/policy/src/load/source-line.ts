/** Line, counted from 1, of a byte offset in UTF-8 text (Cedar locates by bytes). */
export function lineOfByte(text: string, byteOffset: number): number {
  const before = Buffer.from(text, 'utf8').subarray(0, byteOffset).toString('utf8');
  return before.split('\n').length;
}

/** Line, counted from 1, on which `part` first stands in `text`; 1 when it does not. */
export function lineOfPart(text: string, part: string): number {
  return text.slice(0, Math.max(0, text.indexOf(part))).split('\n').length;
}
