const firstBytes = 64 * 1024;

/**
 * The beginning of a text of any length, in one piece of memory: lines that are kept each for itself weigh several times what
 * they hold. A cut falls between two characters.
 */
export class CappedText {
  readonly #maxBytes: number;
  #bytes = Buffer.alloc(0);
  #sizeBytes = 0;
  #cut = false;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** Takes what there is room for; `false` if that was not all, and from then on. */
  add(text: string): boolean {
    if (this.#cut) return false;
    const endBytes = this.#sizeBytes + Buffer.byteLength(text);
    this.#growTo(Math.min(endBytes, this.#maxBytes));
    // Writes whole characters only.
    this.#sizeBytes += this.#bytes.write(text, this.#sizeBytes);
    this.#cut = this.#sizeBytes < endBytes;
    return !this.#cut;
  }

  content(): Uint8Array {
    return this.#bytes.subarray(0, this.#sizeBytes);
  }

  #growTo(neededBytes: number): void {
    if (neededBytes <= this.#bytes.length) return;
    const grown = Buffer.alloc(Math.min(this.#maxBytes, Math.max(firstBytes, neededBytes, 2 * this.#bytes.length)));
    this.#bytes.copy(grown);
    this.#bytes = grown;
  }
}
