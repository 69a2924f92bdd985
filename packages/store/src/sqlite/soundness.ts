import { CodedError } from '@countersign/protocol';
import type { SqliteConnection } from './sqlite-connection.ts';
import { sqliteErrorCode } from './sqlite-errors.ts';

const quickCheck = { sql: 'pragma quick_check(1)', parameters: [] };
/** SQLITE_CORRUPT and SQLITE_NOTADB. */
const damage: readonly number[] = [11, 26];
const next =
  'Stop here, keep a copy of the file, and restore the newest backup; the audit export tells what came after it.';

/** Reads every page once. Throws E_STORE when the file is damaged: a server must not go on writing on top of that. */
export function requireSound(connection: SqliteConnection, path: string): void {
  const { rows } = connection.execute(quickCheck);
  const found = JSON.stringify(rows[0] ?? {});
  if (found !== '{"quick_check":"ok"}') throw damaged(path, found);
}

/** What the start of a server says of an error while it opens a file: that the file is damaged, or the error itself. */
export function openingError(path: string, error: unknown): unknown {
  const code = sqliteErrorCode(error);
  return code !== null && damage.includes(code % 256) ? damaged(path, String(error), error) : error;
}

/** Throws E_STORE when a file that held a database before is empty now: a start would make a new one in its place. */
export function requireNotEmptied(wasUsed: boolean, isEmpty: boolean, path: string): void {
  if (wasUsed && isEmpty) throw damaged(path, 'it was in use before and is empty now');
}

function damaged(path: string, problem: string, cause?: unknown): CodedError {
  return new CodedError('E_STORE', `The database ${path} is damaged.`, { problem, next }, { cause });
}
