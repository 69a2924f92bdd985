/** The first bytes of one stream of output, up to a cap; `truncated` says that there were more. */
export class Capture {
  truncated = false;
  private readonly chunks: Uint8Array[] = [];
  private sizeBytes = 0;
  private readonly maxBytes: number;
  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }
  add(chunk: Uint8Array): void {
    const room = this.maxBytes - this.sizeBytes;
    if (chunk.length > room) this.truncated = true;
    const kept = chunk.length > room ? chunk.subarray(0, Math.max(room, 0)) : chunk;
    if (kept.length === 0) return;
    this.chunks.push(kept);
    this.sizeBytes += kept.length;
  }
  bytes(): Uint8Array {
    return Buffer.concat(this.chunks);
  }
}
