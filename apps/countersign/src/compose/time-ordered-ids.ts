import { randomFillSync } from 'node:crypto';
import type { Ids } from '@countersign/kernel';
import { v7 as uuidV7 } from 'uuid';

const bytesEach = 16;
const idsPerFill = 256;

/** Random bytes of which one call to the operating system fetches many: a call for each id costs more than the rest of it. */
class RandomPool {
  readonly #pool = new Uint8Array(bytesEach * idsPerFill);
  #used = this.#pool.length;

  take(): Uint8Array {
    if (this.#used >= this.#pool.length) {
      randomFillSync(this.#pool);
      this.#used = 0;
    }
    const taken = this.#pool.subarray(this.#used, this.#used + bytesEach);
    this.#used += bytesEach;
    return taken;
  }
}

/** UUIDs of version 7 (RFC 9562): later ones are greater, those of one millisecond by a counter of 32 bits. */
export function timeOrderedIds(now: () => number): Ids {
  const pool = new RandomPool();
  let msecs = 0;
  let seq = 0;
  return {
    next() {
      const random = pool.take();
      const at = now();
      if (at > msecs) {
        msecs = at;
        // From the lower half, so that the counter cannot run over within its millisecond.
        seq = new DataView(random.buffer, random.byteOffset).getUint32(6) & 0x7fffffff;
      } else seq += 1;
      return uuidV7({ msecs, seq, random });
    },
  };
}
