import type { OpenOperations, Operation, OperationFilter, OperationWrites } from '@countersign/kernel';
import { CodedError } from '@countersign/protocol';
import { sql } from 'kysely';
import { z } from 'zod';
import { integer } from '../codec/column.ts';
import { Prepared, preparedSql } from '../database/prepared.ts';
import type { Session } from '../database/statement.ts';
import { Table } from '../database/table.ts';
import { OperationRow, operationOf, operationRow } from './operation-row.ts';

const table = new Table(
  'operation',
  OperationRow,
  ['id'],
  ['bundle_id', 'origin', 'rollback_of', 'group_id', 'created_at'],
);

const newestRollback = new Prepared<{ id: string }>((db, parameter) =>
  db
    .selectFrom('operation')
    .selectAll()
    .where('rollback_of', '=', parameter('id'))
    .where((where) =>
      where.or([
        where('state', '<>', 'closed'),
        where.exists(where.selectFrom('run').select('run.id').whereRef('run.operation_id', '=', 'operation.id')),
      ]),
    )
    .orderBy('id', 'desc')
    .limit(1),
);

const openByState = preparedSql<Record<never, never>>(
  () => sql`
    select state, count(*) as count, min(created_at) as oldest_at from operation
    where state in ('draft', 'planning', 'planned') group by state order by state`,
);
const Open = z
  .object({ state: OperationRow.shape.state, count: integer, oldest_at: integer })
  .transform(({ oldest_at: oldestAt, ...open }) => ({ ...open, oldestAt }));

const IdRow = OperationRow.pick({ id: true });

function givesNothing({ states, grants, closedReasons }: OperationFilter): boolean {
  return states?.length === 0 || grants?.length === 0 || closedReasons?.length === 0;
}

/** Operations. */
export class OperationRepository implements OperationWrites {
  readonly #session: Session;
  constructor(session: Session) {
    this.#session = session;
  }

  async get(id: string): Promise<Operation | null> {
    const row = await table.get(this.#session, { id });
    return row && operationOf(row);
  }

  async lock(id: string): Promise<Operation | null> {
    const row = await table.lock(this.#session, { id });
    return row && operationOf(row);
  }

  async open(): Promise<OpenOperations[]> {
    const { rows } = await this.#session.execute(openByState.bind(this.#session.dialect, {}));
    return rows.map((row) => Open.parse(row));
  }

  async list(filter: OperationFilter): Promise<Operation[]> {
    if (givesNothing(filter)) return [];
    const { rows } = await this.#session.execute(this.#filtered(filter).selectAll().compile());
    return rows.map((row) => operationOf(table.decode(row)));
  }

  async listIds(filter: OperationFilter): Promise<string[]> {
    if (givesNothing(filter)) return [];
    const { rows } = await this.#session.execute(this.#filtered(filter).select('id').compile());
    return rows.map((row) => IdRow.parse(row).id);
  }

  #filtered(filter: OperationFilter) {
    let query = this.#session.dialect.builder.selectFrom('operation').orderBy('id', 'desc').limit(filter.limit);
    if (filter.states !== undefined) query = query.where('state', 'in', filter.states);
    if (filter.project !== undefined) query = query.where('project', '=', filter.project);
    if (filter.environment !== undefined) query = query.where('environment', '=', filter.environment);
    if (filter.target !== undefined) query = query.where('target_name', '=', filter.target);
    if (filter.start !== undefined) query = query.where('start_mode', '=', filter.start);
    if (filter.effects !== undefined) query = query.where('effect', 'in', filter.effects);
    if (filter.group !== undefined) query = query.where('group_id', '=', filter.group);
    if (filter.closedReasons !== undefined) query = query.where('closed_reason', 'in', filter.closedReasons);
    if (filter.updatedAfter !== undefined) query = query.where('updated_at', '>', filter.updatedAfter);
    // Canonical JSON has no other way to say it, and quotes inside of its strings are escaped: nothing else can match.
    if (filter.decision !== undefined) query = query.where('verdict', 'like', `%"decision":"${filter.decision}"%`);
    const { ranSince, unstarted, grants } = filter;
    if (ranSince !== undefined || unstarted === true) {
      query = query.where(({ exists, not, selectFrom }) => {
        const ran = selectFrom('run').select('run.id').whereRef('run.operation_id', '=', 'operation.id');
        return unstarted === true ? not(exists(ran)) : exists(ran.where('run.created_at', '>=', ranSince ?? 0));
      });
    }
    // A grant for everything needs no condition, and its list is the one that everybody asks for most.
    if (grants !== undefined && !grants.some(({ project, environment }) => project === '*' && environment === '*')) {
      query = query.where((where) =>
        where.or(
          grants.map(({ project, environment }) =>
            where.and([
              ...(project === '*' ? [] : [where('project', '=', project)]),
              ...(environment === '*' ? [] : [where('environment', '=', environment)]),
            ]),
          ),
        ),
      );
    }
    return filter.beforeId === undefined ? query : query.where('id', '<', filter.beforeId);
  }

  async rollbackOf(id: string): Promise<Operation | null> {
    const { rows } = await this.#session.execute(newestRollback.bind(this.#session.dialect, { id }));
    return rows.length === 0 ? null : operationOf(table.decode(rows[0]));
  }

  async insert(operation: Operation): Promise<void> {
    await table.insert(this.#session, operationRow(operation));
  }

  /** Writes everything but what is given for good at creation: bundle, origin, rolled-back operation, group, time of creation. */
  async save(operation: Operation): Promise<void> {
    if (!(await table.update(this.#session, operationRow(operation)))) {
      throw new CodedError('E_INTERNAL', `There is no operation ${operation.id} to save.`);
    }
  }
}
