import { closeSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { SqliteConnection } from './sqlite-connection.ts';

/**
 * Copies the whole database to `<path>.before-<version>` before its schema changes, durable when this returns. A copy
 * of that name is replaced: it comes from a start whose migration did not commit.
 */
export function backUp(connection: SqliteConnection, path: string, version: string): string {
  const target = `${path}.before-${version}`;
  const partial = `${target}.partial`;
  rmSync(partial, { force: true });
  connection.execute({ sql: 'vacuum into ?', parameters: [partial] });
  flush(partial);
  renameSync(partial, target);
  flush(dirname(target));
  return target;
}

function flush(path: string): void {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
