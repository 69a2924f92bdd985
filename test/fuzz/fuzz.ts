import fc from 'fast-check';
import { expect } from 'vitest';

/** How many random cases each property gets; 1,000,000 on demand (`npm run fuzz`). */
export const runs = Number(process.env['COUNTERSIGN_FUZZ_RUNS'] ?? 2000);
export const seed = Number(process.env['COUNTERSIGN_SEED'] ?? 20_261_121);
export const timeout = 7_200_000;

const chunk = 20_000;

/** Cheaper than `expect` by far, which counts a million times. */
export function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

/**
 * Holds a property against `runs` random cases, in chunks so that a long run tells how far it is. Prints count, seed and
 * duration; a failure names the seed of its chunk and the smallest case.
 */
export async function fuzz<T>(name: string, arbitrary: fc.Arbitrary<T>, check: (value: T) => void): Promise<void> {
  const started = performance.now();
  let checked = 0;
  const property = fc.property(arbitrary, (value) => {
    checked += 1;
    check(value);
  });
  for (let done = 0; done < runs; done += chunk) {
    fc.assert(property, { seed: seed + done, numRuns: Math.min(chunk, runs - done), endOnFailure: runs > chunk });
    const seconds = Math.round((performance.now() - started) / 1000);
    if (runs > chunk) console.log(`  ${name}: ${Math.min(done + chunk, runs)} of ${runs}, ${seconds} s`);
    // Whoever waits for this process, as a test runner does, gets an answer between two chunks.
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(checked).toBe(runs);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`fuzz ${name}: ${runs} cases, 0 failures, seed ${seed}, ${seconds} s`);
}
