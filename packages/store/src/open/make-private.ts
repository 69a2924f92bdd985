import { closeSync, openSync } from 'node:fs';

/** The file is made readable to its owner only before SQLite writes to it; its WAL inherits the mode. */
export function makePrivate(path: string): void {
  closeSync(openSync(path, 'a', 0o600));
}
