import { inject } from 'vitest';
import type {} from './global-setup.ts';

/** An empty Postgres database of one test's own. */
export interface TestDatabase extends AsyncDisposable {
  readonly connectionString: string;
  /** Drops the database, whoever is still connected. */
  drop(): Promise<void>;
}

/**
 * Creates an empty database on the test run's shared Postgres server, which the first call starts (under a second; a
 * database takes some 30 ms). Only inside vitest. Throws when no Postgres can be had: never skip on it.
 */
export async function createTestDatabase(): Promise<TestDatabase> {
  const connectionString = await ask('POST', '');
  const drop = async () => {
    await ask('DELETE', connectionString);
  };
  return { connectionString, drop, [Symbol.asyncDispose]: drop };
}

async function ask(method: 'POST' | 'DELETE', body: string): Promise<string> {
  const response = await fetch(inject('postgresBroker'), { method, body });
  const answer = await response.text();
  if (!response.ok) throw new Error(`No Postgres for the tests: ${answer}`);
  return answer;
}
