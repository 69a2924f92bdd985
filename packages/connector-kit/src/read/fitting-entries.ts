/** The first entries whose JSON array fits into a number of bytes. */
export function fittingEntries<Entry>(entries: readonly Entry[], maxBytes: number): Entry[] {
  let sizeBytes = 2;
  const overflow = entries.findIndex((entry) => {
    sizeBytes += Buffer.byteLength(JSON.stringify(entry)) + 1;
    return sizeBytes > maxBytes;
  });
  return overflow < 0 ? [...entries] : entries.slice(0, overflow);
}
