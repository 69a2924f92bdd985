import { sql } from 'kysely';
import { Prepared, preparedSql } from '../database/prepared.ts';

/**
 * Claims the oldest due job; a run waits while another operation holds its target. A job that was due when it was made is due at once, whatever two machines' clocks say.
 * `targets` is a JSON array, or the JSON null for any.
 */
export const claimOldest = preparedSql<{
  kinds: string;
  targets: string;
  worker: string;
  instance: string;
  lease_ms: number;
}>(
  (parameter, { now, forUpdateSkipLocked, textsOf }) => sql`
    update job set state = 'claimed', fence = fence + 1, attempt = attempt + 1, lease_worker = ${parameter('worker')},
      lease_instance = ${parameter('instance')}, lease_expires_at = ${now} + ${parameter('lease_ms')}
    where id = (
      select id from job
      where state = 'queued' and (run_after <= created_at or run_after <= ${now})
        and kind in (${textsOf(parameter('kinds'))}) and target in (${textsOf(parameter('targets'))})
        and (kind <> 'run' or not exists (
          select 1 from target_lock where target_lock.target = job.target and target_lock.operation_id <> job.subject_id))
      order by created_at, id limit 1 ${forUpdateSkipLocked})
    returning *`,
);
/** The same for a claimer that serves jobs of any or no target. */
export const claimOldestOfAny = preparedSql<{ kinds: string; worker: string; instance: string; lease_ms: number }>(
  (parameter, { now, forUpdateSkipLocked, textsOf }) => sql`
    update job set state = 'claimed', fence = fence + 1, attempt = attempt + 1, lease_worker = ${parameter('worker')},
      lease_instance = ${parameter('instance')}, lease_expires_at = ${now} + ${parameter('lease_ms')}
    where id = (
      select id from job
      where state = 'queued' and (run_after <= created_at or run_after <= ${now})
        and kind in (${textsOf(parameter('kinds'))})
        and (kind <> 'run' or not exists (
          select 1 from target_lock where target_lock.target = job.target and target_lock.operation_id <> job.subject_id))
      order by created_at, id limit 1 ${forUpdateSkipLocked})
    returning *`,
);

/** A hold as columns. */
export type HoldValues = { id: string; fence: number; lease_instance: string };

export const heldJob = new Prepared<HoldValues>((db, parameter, { now, name }) => {
  const query = db
    .selectFrom('job')
    .selectAll()
    .where('id', '=', parameter('id'))
    .where('state', '=', 'claimed')
    .where('fence', '=', parameter('fence'))
    .where('lease_instance', '=', parameter('lease_instance'))
    .where('lease_expires_at', '>', now);
  return name === 'postgres' ? query.forUpdate() : query;
});
export const extendLease = new Prepared<HoldValues & { lease_ms: number }>((db, parameter, { now }) =>
  db
    .updateTable('job')
    .set({ lease_expires_at: sql`${now} + ${parameter('lease_ms')}` })
    .where('id', '=', parameter('id'))
    .where('state', '=', 'claimed')
    .where('fence', '=', parameter('fence'))
    .where('lease_instance', '=', parameter('lease_instance'))
    .where('lease_expires_at', '>', now),
);

const noLease = { lease_worker: null, lease_instance: null, lease_expires_at: null };

export const finishOne = new Prepared<{ id: string }>((db, parameter) =>
  db
    .updateTable('job')
    .set({ state: 'done', ...noLease })
    .where('id', '=', parameter('id')),
);
export const requeueOne = new Prepared<{ id: string; delay_ms: number }>((db, parameter, { now }) =>
  db
    .updateTable('job')
    .set({ state: 'queued', run_after: sql`${now} + ${parameter('delay_ms')}`, ...noLease })
    .where('id', '=', parameter('id'))
    .where('state', '<>', 'done'),
);
export const finishKinds = preparedSql<{ subject_id: string; kinds: string }>(
  (parameter, { textsOf }) => sql`
    update job set state = 'done', lease_worker = null, lease_instance = null, lease_expires_at = null
    where subject_id = ${parameter('subject_id')} and kind in (${textsOf(parameter('kinds'))}) and state <> 'done'`,
);

export const openJob = new Prepared<{ subject_id: string; kind: string }>((db, parameter) =>
  db
    .selectFrom('job')
    .selectAll()
    .where('subject_id', '=', parameter('subject_id'))
    .where(sql<string>`kind`, '=', parameter('kind'))
    .where('state', '<>', 'done')
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(1),
);
export const highestFence = new Prepared<{ subject_id: string; kind: string }>((db, parameter) =>
  db
    .selectFrom('job')
    .select((select) => select.fn.coalesce(select.fn.max('fence'), select.lit(0)).as('fence'))
    .where('subject_id', '=', parameter('subject_id'))
    .where(sql<string>`kind`, '=', parameter('kind')),
);
export const queuedJobs = new Prepared<Record<never, never>>((db) =>
  db
    .selectFrom('job')
    .select((select) => [
      'kind',
      'target as queue',
      select.fn.countAll<number>().as('count'),
      select.fn.min('created_at').as('oldest_at'),
    ])
    .where('state', '=', sql.lit('queued'))
    .groupBy(['kind', 'target'])
    .orderBy('kind')
    .orderBy('target'),
);
/** Passes over rows that a unit holds: whoever holds one is alive and may be extending it. */
export const expiredLeases = preparedSql<{ limit: number }>(
  (parameter, { now, forUpdateSkipLocked }) => sql`
    select * from job where state = 'claimed' and lease_expires_at <= ${now}
    order by lease_expires_at, id limit ${parameter('limit')} ${forUpdateSkipLocked}`,
);
export const leasesOfOlderInstances = preparedSql<{ worker: string; instance: string }>(
  (parameter, { forUpdate }) => sql`
    select * from job where state = 'claimed' and lease_worker = ${parameter('worker')}
      and lease_instance <> ${parameter('instance')} order by id ${forUpdate}`,
);
