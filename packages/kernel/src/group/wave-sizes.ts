import type { WaveSize } from '@countersign/protocol';

function sizeOf(wave: WaveSize, count: number): number {
  return typeof wave === 'number' ? wave : Math.max(1, Math.floor((Number.parseInt(wave, 10) * count) / 100));
}

/**
 * How many of `count` things each wave takes, as Ansible's `serial` says it: numbers, or shares of all of them (rounded down, at
 * least one); the last is repeated until nothing is left.
 */
export function waveSizes(count: number, waves: readonly WaveSize[]): number[] {
  const sizes: number[] = [];
  for (let left = count, index = 0; left > 0; index += 1) {
    const wave = waves[Math.min(index, waves.length - 1)];
    if (wave === undefined) throw new Error('there is no wave');
    const size = Math.min(left, sizeOf(wave, count));
    sizes.push(size);
    left -= size;
  }
  return sizes;
}

/** Things in the waves that they run in, in their order. */
export function inWaves<Thing>(things: readonly Thing[], waves: readonly WaveSize[]): Thing[][] {
  let from = 0;
  return waveSizes(things.length, waves).map((size) => {
    from += size;
    return things.slice(from - size, from);
  });
}
