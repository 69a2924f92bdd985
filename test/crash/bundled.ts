import { join } from 'node:path';
import { makeTempFolder } from '@countersign/testing';
import { bundle } from '../../scripts/build/bundle.ts';

let built: Promise<string> | undefined;

/**
 * The product as it is shipped: one bundle, built once for the tests of a file (a second). It starts in two thirds of the
 * time that the sources take. Answers its entry file.
 */
export function bundledEntry(): Promise<string> {
  built ??= (async () => {
    const temp = makeTempFolder();
    process.once('exit', () => temp.remove());
    const entry = join(import.meta.dirname, '../../apps/countersign/src/main.ts');
    const file = join(temp.path, 'countersign.js');
    await bundle({ entry, file });
    return file;
  })();
  return built;
}
