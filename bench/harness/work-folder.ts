import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Where everything that a benchmark writes lies: on the disk of the checkout, because a temporary folder may be memory. */
export const workRoot: string = join(import.meta.dirname, '..', 'work');

/** A folder that lives as long as its `using` block. */
export function workFolder(): { readonly path: string; [Symbol.dispose](): void } {
  mkdirSync(workRoot, { recursive: true });
  const path = mkdtempSync(join(workRoot, 'row-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true, maxRetries: 3 }) };
}
