import { CodedError } from '@countersign/protocol';
import { z } from 'zod';

const SqliteError = z.object({ code: z.literal('ERR_SQLITE_ERROR'), errcode: z.int() });
/** SQLITE_CONSTRAINT; the extended code is in the higher bits. */
const constraint = 19;
/** SQLITE_FULL. */
const full = 13;

/** Whether an error, translated or not, says that the volume has no space. */
export function isFull(error: unknown): boolean {
  return error instanceof CodedError ? error.detail['sqlite'] === full : sqliteErrorCode(error) === full;
}

/** SQLite's own result code of an error; null when it is not one of SQLite's. */
export function sqliteErrorCode(error: unknown): number | null {
  return SqliteError.safeParse(error).data?.errcode ?? null;
}

/**
 * Says what a database error means to a caller. A violated constraint is a bug of ours; anything else that SQLite
 * reports (full, I/O, locked, damaged) is a database that cannot take it now. What is not SQLite's stays as it is.
 */
export function translateSqliteError(error: unknown): unknown {
  const parsed = SqliteError.safeParse(error);
  if (!parsed.success) return error;
  const { errcode } = parsed.data;
  if (errcode % 256 === constraint) {
    return new CodedError('E_INTERNAL', 'The database refused a row.', { sqlite: errcode }, { cause: error });
  }
  if (errcode % 256 === full) {
    const detail = { sqlite: errcode, volume: 'database', next: 'Free space on the volume of the database.' };
    return new CodedError('E_STORE', 'The volume of the database is full.', detail, { cause: error });
  }
  return new CodedError('E_STORE', 'The database cannot do that now.', { sqlite: errcode }, { cause: error });
}
