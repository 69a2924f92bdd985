import { Pool, types } from 'pg';

/** How to connect. */
export interface PoolOptions {
  readonly url: string;
  readonly maximum: number;
  /** Longest wait for a row lock and longest statement; null for none. */
  readonly statementLimitMs: number | null;
}

const int8 = 20;
const connectLimitMs = 5000;

/** A pool whose 64-bit integers are numbers, and which throws rather than round one. */
export function makePool(options: PoolOptions): Pool {
  const limit = options.statementLimitMs ?? 0;
  const pool = new Pool({
    connectionString: options.url,
    max: options.maximum,
    connectionTimeoutMillis: connectLimitMs,
    keepAlive: true,
    application_name: 'countersign',
    statement_timeout: limit,
    lock_timeout: limit,
    ...deadlines(options.statementLimitMs),
    types: {
      getTypeParser: (type, format) => (type === int8 ? exactNumber : types.getTypeParser(type, format)),
    },
  });
  // The server may end a connection while it is being closed: whoever used it was told, and an error nobody hears would end the process.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

/**
 * The server ends a statement by itself; what it can no longer say, because the line is dead, ends here a little later.
 * Its own side of a dead line it rolls back, so that no lock outlives whoever asked for it.
 */
function deadlines(limitMs: number | null): { query_timeout?: number; idle_in_transaction_session_timeout?: number } {
  if (limitMs === null) return {};
  return { query_timeout: Math.ceil(limitMs * 1.25), idle_in_transaction_session_timeout: limitMs * 2 };
}

function exactNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`The integer ${text} is larger than a number can hold.`);
  return value;
}
