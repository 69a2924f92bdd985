import { CodedError } from '@countersign/protocol';
import { z } from 'zod';

const Coded = z.object({ code: z.string() });
const sqlState = /^[0-9A-Z]{5}$/;
/** Serialization failure and deadlock: the server rolled back, the same unit may succeed when run again. */
const conflicts: readonly string[] = ['40001', '40P01'];
/** Shutdown, crash, starting up, no connection free, a transaction that was idle too long. */
const unavailable: readonly string[] = ['57P01', '57P02', '57P03', '53300', '25P03'];
/** What node-postgres says without a code. */
const lostMessages =
  /connection terminated|timeout exceeded when trying to connect|query read timeout|not queryable|ECONN|client was closed/i;

/** What a driver's error means for the unit it happened in. */
export type Failing = 'conflict' | 'lost' | 'refused' | 'other';

/** `conflict` and `lost` may be run again as long as COMMIT was not sent; `refused` is a bug of ours. */
export function failingOf(error: unknown): Failing {
  const code = Coded.safeParse(error).data?.code ?? '';
  if (conflicts.includes(code)) return 'conflict';
  if (unavailable.includes(code) || code.startsWith('08') || /^E[A-Z]{3,}$/.test(code)) return 'lost';
  if (!sqlState.test(code)) return error instanceof Error && lostMessages.test(error.message) ? 'lost' : 'other';
  // 22 data, 23 constraint, 42 syntax or access, P0 raised by a trigger.
  return ['22', '23', '42', 'P0'].includes(code.slice(0, 2)) ? 'refused' : 'other';
}

/** Says what a database error means to a caller. */
export function translatePostgresError(error: unknown): CodedError {
  const code = Coded.safeParse(error).data?.code;
  const detail = code === undefined ? {} : { postgres: code };
  return failingOf(error) === 'refused'
    ? new CodedError('E_INTERNAL', 'The database refused a row.', detail, { cause: error })
    : new CodedError('E_STORE', 'The database cannot do that now.', detail, { cause: error });
}
