import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A temporary folder that lives as long as its `using` block. */
export interface TempFolder extends Disposable {
  readonly path: string;
  remove(): void;
}

/** Makes an empty temporary folder, below the system's folder for such unless told otherwise; remove it with `remove()` or by `using`. */
export function makeTempFolder(below: string = tmpdir()): TempFolder {
  const path = realpathSync(mkdtempSync(join(below, 'countersign-test-')));
  const remove = () => rmSync(path, { recursive: true, force: true, maxRetries: 3 });
  return { path, remove, [Symbol.dispose]: remove };
}

/** Makes an empty temporary folder that is removed when the current test ends. Only inside a test or beforeEach. */
export function tempFolder(): string {
  const folder = makeTempFolder();
  onTestFinished(() => folder.remove());
  return folder.path;
}
