import type { Artifact, OpenRuns, Run, RunWrites, Step } from '@countersign/kernel';
import { CodedError } from '@countersign/protocol';
import { sql } from 'kysely';
import { z } from 'zod';
import { integer } from '../codec/column.ts';
import { Prepared, preparedSql } from '../database/prepared.ts';
import { firstRow, type Session } from '../database/statement.ts';
import { Table } from '../database/table.ts';
import { ArtifactRow, artifactOf, artifactRow, RunRow, runOf, runRow, StepRow, stepOf, stepRow } from './run-row.ts';

const runs = new Table('run', RunRow, ['id'], ['operation_id', 'created_at']);
const steps = new Table('step', StepRow, ['run_id', 'step_index'], ['action', 'idempotency_key']);
const artifacts = new Table('artifact', ArtifactRow, ['id']);

const runByOperation = new Prepared<{ operation_id: string }>((db, parameter) =>
  db.selectFrom('run').selectAll().where('operation_id', '=', parameter('operation_id')),
);
const stepsOfRun = new Prepared<{ run_id: string }>((db, parameter) =>
  db.selectFrom('step').selectAll().where('run_id', '=', parameter('run_id')).orderBy('step_index'),
);
const artifactsOfRun = new Prepared<{ run_id: string }>((db, parameter) =>
  db.selectFrom('artifact').selectAll().where('run_id', '=', parameter('run_id')).orderBy('created_at').orderBy('id'),
);
/** From the runs that are not over to their operations, never the other way. */
const openRuns = preparedSql<Record<never, never>>(
  () => sql`
    select run.state as state, operation.target_name as target, count(*) as count, min(run.created_at) as oldest_at
    from run join operation on operation.id = run.operation_id
    where run.state in ('queued', 'running', 'cancelling', 'outcome_unknown')
    group by run.state, operation.target_name order by run.state, operation.target_name`,
);
const Open = z
  .object({ state: RunRow.shape.state, target: z.string(), count: integer, oldest_at: integer })
  .transform(({ oldest_at: oldestAt, ...open }) => ({ ...open, oldestAt }));

/** Runs with their steps and artifacts. */
export class RunRepository implements RunWrites {
  readonly #session: Session;
  constructor(session: Session) {
    this.#session = session;
  }

  async get(id: string): Promise<Run | null> {
    const row = await runs.get(this.#session, { id });
    return row && runOf(row);
  }

  async lock(id: string): Promise<Run | null> {
    const row = await runs.lock(this.#session, { id });
    return row && runOf(row);
  }

  async byOperation(operationId: string): Promise<Run | null> {
    const statement = runByOperation.bind(this.#session.dialect, { operation_id: operationId });
    const row = await firstRow(this.#session, statement);
    return row === null ? null : runOf(runs.decode(row));
  }

  async steps(runId: string): Promise<Step[]> {
    const { rows } = await this.#session.execute(stepsOfRun.bind(this.#session.dialect, { run_id: runId }));
    return rows.map((row) => stepOf(steps.decode(row)));
  }

  async artifacts(runId: string): Promise<Artifact[]> {
    const { rows } = await this.#session.execute(artifactsOfRun.bind(this.#session.dialect, { run_id: runId }));
    return rows.map((row) => artifactOf(artifacts.decode(row)));
  }

  async artifact(id: string): Promise<Artifact | null> {
    const row = await artifacts.get(this.#session, { id });
    return row && artifactOf(row);
  }

  async open(): Promise<OpenRuns[]> {
    const { rows } = await this.#session.execute(openRuns.bind(this.#session.dialect, {}));
    return rows.map((row) => Open.parse(row));
  }

  async insert(run: Run, stepList: readonly Step[]): Promise<void> {
    if (!(await runs.insertNew(this.#session, runRow(run)))) {
      throw new CodedError('E_STATE', 'The operation has a run already.', { op_id: run.operationId });
    }
    for (const step of stepList) await steps.insert(this.#session, stepRow(step));
  }

  async save(run: Run): Promise<void> {
    if (!(await runs.update(this.#session, runRow(run)))) {
      throw new CodedError('E_INTERNAL', `There is no run ${run.id} to save.`);
    }
  }

  async saveStep(step: Step): Promise<void> {
    if (!(await steps.update(this.#session, stepRow(step)))) {
      throw new CodedError('E_INTERNAL', `There is no step ${step.index} of run ${step.runId} to save.`);
    }
  }

  async addArtifact(artifact: Artifact): Promise<void> {
    await artifacts.insert(this.#session, artifactRow(artifact));
  }
}
