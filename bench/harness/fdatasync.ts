import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const block = Buffer.alloc(4096, 7);
/** Enough for several log segments to be overwritten in place, as a WAL is. */
const fileBlocks = 1024;

/** The machine's own rate of durable 4 KB writes into a file of fixed size, for `forMs`: what no commit can beat alone. */
export class DurableWrites {
  readonly #file: number;
  #position = 0;

  constructor(folder: string) {
    this.#file = openSync(join(folder, 'durable-writes'), 'w');
    for (let index = 0; index < fileBlocks; index += 1) writeSync(this.#file, block, 0, block.length, index * 4096);
    fdatasyncSync(this.#file);
  }

  /** Writes a second. */
  rate(forMs: number): number {
    const startedAt = performance.now();
    let count = 0;
    while (performance.now() - startedAt < forMs) {
      writeSync(this.#file, block, 0, block.length, (this.#position++ % fileBlocks) * 4096);
      fdatasyncSync(this.#file);
      count += 1;
    }
    return (count * 1000) / (performance.now() - startedAt);
  }

  close(): void {
    closeSync(this.#file);
  }
}
