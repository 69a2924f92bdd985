import { sql } from 'kysely';
import { preparedSql } from './prepared.ts';
import type { Session } from './statement.ts';

const advisoryLock = preparedSql<{ name: string }>(
  (parameter) => sql`select pg_advisory_xact_lock(hashtextextended((${parameter('name')})::text, 0))`,
);

/** Waits until no other unit holds the name, and holds it until this unit ends. Nothing to do where units are serial. */
export async function lockName(session: Session, name: string): Promise<void> {
  if (session.dialect.concurrentUnits) await session.execute(advisoryLock.bind(session.dialect, { name }));
}
