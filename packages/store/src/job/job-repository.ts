import type { ClaimQuery, Job, JobHold, JobKind, JobQueue, JobWrites } from '@countersign/kernel';
import { z } from 'zod';
import { integer } from '../codec/column.ts';
import { jsonText } from '../codec/json-text.ts';
import type { Session, Statement } from '../database/statement.ts';
import { Table } from '../database/table.ts';
import {
  claimOldest,
  claimOldestOfAny,
  expiredLeases,
  extendLease,
  finishKinds,
  finishOne,
  type HoldValues,
  heldJob,
  highestFence,
  leasesOfOlderInstances,
  openJob,
  queuedJobs,
  requeueOne,
} from './job-queries.ts';
import { JobRow, jobOf, jobRow } from './job-row.ts';

const table = new Table('job', JobRow, ['id']);
const Highest = z.object({ fence: integer });
const Queue = z
  .object({ kind: JobRow.shape.kind, queue: JobRow.shape.target, count: integer, oldest_at: integer })
  .transform(({ oldest_at: oldestAt, ...queue }) => ({ ...queue, oldestAt }));

/** The queue. */
export class JobRepository implements JobWrites {
  readonly #session: Session;
  constructor(session: Session) {
    this.#session = session;
  }

  async get(id: string): Promise<Job | null> {
    const row = await table.get(this.#session, { id });
    return row && jobOf(row);
  }

  open(subjectId: string, kind: JobKind): Promise<Job | null> {
    return this.#one(openJob.bind(this.#session.dialect, { subject_id: subjectId, kind }));
  }

  async lastFence(subjectId: string, kind: JobKind): Promise<number> {
    const query = highestFence.bind(this.#session.dialect, { subject_id: subjectId, kind });
    const { rows } = await this.#session.execute(query);
    return Highest.parse(rows[0]).fence;
  }

  async queues(): Promise<JobQueue[]> {
    const { rows } = await this.#session.execute(queuedJobs.bind(this.#session.dialect, {}));
    return rows.map((row) => Queue.parse(row));
  }

  async insert(job: Job): Promise<void> {
    await table.insert(this.#session, jobRow(job));
  }

  claim(query: ClaimQuery): Promise<Job | null> {
    const { worker, instance, targets } = query;
    const values = { kinds: jsonText(query.kinds), worker, instance, lease_ms: query.leaseMs };
    const { dialect } = this.#session;
    if (targets === null) return this.#one(claimOldestOfAny.bind(dialect, values));
    return this.#one(claimOldest.bind(dialect, { ...values, targets: jsonText(targets) }));
  }

  held(hold: JobHold): Promise<Job | null> {
    return this.#one(heldJob.bind(this.#session.dialect, holdValues(hold)));
  }

  async extend(hold: JobHold, leaseMs: number): Promise<boolean> {
    const values = { ...holdValues(hold), lease_ms: leaseMs };
    const { changes } = await this.#session.execute(extendLease.bind(this.#session.dialect, values));
    return changes > 0;
  }

  async finish(id: string): Promise<void> {
    await this.#session.execute(finishOne.bind(this.#session.dialect, { id }));
  }

  async requeue(id: string, delayMs: number): Promise<void> {
    await this.#session.execute(requeueOne.bind(this.#session.dialect, { id, delay_ms: delayMs }));
  }

  async finishAll(subjectId: string, kinds: readonly JobKind[]): Promise<void> {
    const values = { subject_id: subjectId, kinds: jsonText(kinds) };
    await this.#session.execute(finishKinds.bind(this.#session.dialect, values));
  }

  expired(limit: number): Promise<Job[]> {
    return this.#all(expiredLeases.bind(this.#session.dialect, { limit }));
  }

  ofOlderInstances(worker: string, instance: string): Promise<Job[]> {
    return this.#all(leasesOfOlderInstances.bind(this.#session.dialect, { worker, instance }));
  }

  async #all(statement: Statement): Promise<Job[]> {
    const { rows } = await this.#session.execute(statement);
    return rows.map((row) => jobOf(table.decode(row)));
  }

  async #one(statement: Statement): Promise<Job | null> {
    const [job] = await this.#all(statement);
    return job ?? null;
  }
}

function holdValues(hold: JobHold): HoldValues {
  return { id: hold.jobId, fence: hold.fence, lease_instance: hold.instance };
}
