import type { AuditEntry, AuditFilter, AuditWrites, Checkpoint, MeasuredPage } from '@countersign/kernel';
import { sql } from 'kysely';
import { z } from 'zod';
import { integer, searchText } from '../codec/column.ts';
import { lockName } from '../database/lock-name.ts';
import { Prepared, preparedSql } from '../database/prepared.ts';
import { firstRow, type Session } from '../database/statement.ts';
import { Table } from '../database/table.ts';
import { measuredEntries, sealedAmong } from '../measure/measured-entries.ts';
import {
  AuditRow,
  AuditTileRow,
  auditEntryOf,
  auditRow,
  CheckpointRow,
  checkpointOf,
  checkpointRow,
} from './audit-row.ts';

const auditColumns = AuditRow.keyof().options;
const entries = new Table('audit', AuditRow, ['entry_id']);
const tiles = new Table('audit_tile', AuditTileRow, ['level', 'tile_index']);
const checkpoints = new Table('checkpoint', CheckpointRow, ['tree_size']);
const Sequenced = z.object({ leaf_index: integer, leaf_hash: z.string() });
const LeafText = z.object({ leaf_index: integer, text: z.string() });
const TileHash = z.object({ hash: z.string() });
const Size = z.object({ tree_size: integer, unsequenced: integer });

const entryById = new Prepared<{ entry_id: string }>((db, parameter) =>
  db.selectFrom('audit').selectAll().where('entry_id', '=', parameter('entry_id')),
);
const hashesBetween = new Prepared<{ from: number; to: number }>((db, parameter) =>
  db
    .selectFrom('audit')
    .select(['leaf_index', 'leaf_hash'])
    .where('leaf_index', '>=', parameter('from'))
    .where('leaf_index', '<', parameter('to'))
    .orderBy('leaf_index'),
);
const textsBetween = new Prepared<{ from: number; to: number }>((db, parameter) =>
  db
    .selectFrom('audit')
    .select(['leaf_index', 'text'])
    .where('leaf_index', '>=', parameter('from'))
    .where('leaf_index', '<', parameter('to'))
    .orderBy('leaf_index'),
);
const tilesBetween = new Prepared<{ level: number; from: number; to: number }>((db, parameter) =>
  db
    .selectFrom('audit_tile')
    .select(['hash'])
    .where('level', '=', parameter('level'))
    .where('tile_index', '>=', parameter('from'))
    .where('tile_index', '<', parameter('to'))
    .orderBy('tile_index'),
);
const size = preparedSql<Record<never, never>>(
  () => sql`select (select coalesce(max(leaf_index) + 1, 0) from audit) as tree_size,
    (select count(*) from audit where leaf_index is null) as unsequenced`,
);
const newestCheckpoint = new Prepared<Record<never, never>>((db) =>
  db.selectFrom('checkpoint').selectAll().orderBy('tree_size', 'desc').limit(1),
);
/**
 * Where units are serial the order of appending is the order of leaves, so the index is given at once: an update of
 * each entry would cost as much as the whole unit. What rolls back frees its index.
 */
const appendNext = preparedSql<AuditRow>((parameter) => {
  const columns = auditColumns.map((each) => sql.ref(each));
  return sql`insert into audit (leaf_index, ${sql.join(columns)})
    select coalesce(max(leaf_index) + 1, 0), ${sql.join(auditColumns.map(parameter))} from audit`;
});
/** By position, so entries of one unit keep their order. What commits late is simply found the next time. */
const giveIndexes = preparedSql<{ limit: number }>(
  (parameter) => sql`
    with waiting as (
      select position, row_number() over (order by position) - 1 as place
      from (select position from audit where leaf_index is null order by position limit ${parameter('limit')}) as oldest)
    update audit set leaf_index = (select coalesce(max(leaf_index) + 1, 0) from audit) + waiting.place
    from waiting where audit.position = waiting.position
    returning leaf_index, leaf_hash`,
);

/** The audit and its tree. */
export class AuditRepository implements AuditWrites {
  readonly #session: Session;
  #appended = false;
  constructor(session: Session) {
    this.#session = session;
  }

  /** Whether this unit appended an entry, so that the sequencer has something to do. */
  get appended(): boolean {
    return this.#appended;
  }

  async get(entryId: string): Promise<AuditEntry | null> {
    const row = await firstRow(this.#session, entryById.bind(this.#session.dialect, { entry_id: entryId }));
    return row === null ? null : auditEntryOf(row);
  }

  /** Entries that have a leaf index; one without is younger than all of them. */
  async query(filter: AuditFilter): Promise<AuditEntry[]> {
    if (filter.events?.length === 0) return [];
    let query = this.#session.dialect.builder
      .selectFrom('audit')
      .selectAll()
      .where('leaf_index', '>', filter.afterIndex ?? -1)
      .orderBy('leaf_index', filter.order === 'newest' ? 'desc' : 'asc')
      .limit(filter.limit);
    if (filter.beforeIndex !== undefined) query = query.where('leaf_index', '<', filter.beforeIndex);
    if (filter.actor !== undefined) query = query.where('actor', '=', searchText(filter.actor));
    if (filter.events !== undefined) query = query.where('event', 'in', filter.events);
    if (filter.subjectId !== undefined) query = query.where('subject_id', '=', searchText(filter.subjectId));
    // Written out, so that the partial index of what is not ok can serve it.
    if (filter.outcome !== undefined) query = query.where('outcome', '=', sql.lit(filter.outcome));
    if (filter.fromAt !== undefined) query = query.where('at', '>=', filter.fromAt);
    if (filter.untilAt !== undefined) query = query.where('at', '<=', filter.untilAt);
    const { project, environment, target } = filter;
    if (project !== undefined || environment !== undefined || target !== undefined) {
      query = query.where('subject_id', 'in', (where) => {
        let operations = where.selectFrom('operation').select('operation.id');
        if (project !== undefined) operations = operations.where('operation.project', '=', searchText(project));
        if (environment !== undefined)
          operations = operations.where('operation.environment', '=', searchText(environment));
        if (target !== undefined) operations = operations.where('operation.target_name', '=', searchText(target));
        return operations;
      });
    }
    const { rows } = await this.#session.execute(query.compile());
    return rows.map(auditEntryOf);
  }

  async measured(page: MeasuredPage): Promise<AuditEntry[]> {
    return await measuredEntries(this.#session, page);
  }

  async sealedAmong(operationIds: readonly string[]): Promise<string[]> {
    return await sealedAmong(this.#session, operationIds);
  }

  async leafHashes(from: number, to: number): Promise<string[]> {
    const { rows } = await this.#session.execute(hashesBetween.bind(this.#session.dialect, { from, to }));
    return rows.map((row) => Sequenced.parse(row).leaf_hash);
  }

  async tile(level: number, index: number): Promise<string | null> {
    const row = await tiles.get(this.#session, { level, tile_index: index });
    return row === null ? null : row.hash;
  }

  async tiles(level: number, from: number, to: number): Promise<string[]> {
    const { rows } = await this.#session.execute(tilesBetween.bind(this.#session.dialect, { level, from, to }));
    return rows.map((row) => TileHash.parse(row).hash);
  }

  async leafTexts(from: number, to: number): Promise<{ leafIndex: number; text: string }[]> {
    const { rows } = await this.#session.execute(textsBetween.bind(this.#session.dialect, { from, to }));
    return rows.map((row) => {
      const { leaf_index: leafIndex, text } = LeafText.parse(row);
      return { leafIndex, text };
    });
  }

  async size(): Promise<{ treeSize: number; unsequenced: number }> {
    const row = Size.parse(await firstRow(this.#session, size.bind(this.#session.dialect, {})));
    return { treeSize: row.tree_size, unsequenced: row.unsequenced };
  }

  async latestCheckpoint(): Promise<Checkpoint | null> {
    const row = await firstRow(this.#session, newestCheckpoint.bind(this.#session.dialect, {}));
    return row === null ? null : checkpointOf(checkpoints.decode(row));
  }

  async checkpointFor(treeSize: number): Promise<Checkpoint | null> {
    const row = await checkpoints.get(this.#session, { tree_size: treeSize });
    return row && checkpointOf(row);
  }

  async append(entry: Omit<AuditEntry, 'leafIndex'>): Promise<void> {
    const row = auditRow(entry);
    if (this.#session.dialect.concurrentUnits) await entries.insert(this.#session, row);
    else await this.#session.execute(appendNext.bind(this.#session.dialect, row));
    this.#appended = true;
  }

  async sequence(limit: number): Promise<{ leafIndex: number; leafHash: string }[]> {
    // The statement after the lock sees everything that the last holder committed.
    await lockName(this.#session, 'audit.sequence');
    const { rows } = await this.#session.execute(giveIndexes.bind(this.#session.dialect, { limit }));
    const given = rows.map((row) => {
      const { leaf_index: leafIndex, leaf_hash: leafHash } = Sequenced.parse(row);
      return { leafIndex, leafHash };
    });
    return given.sort((a, b) => a.leafIndex - b.leafIndex);
  }

  async addTile(level: number, index: number, hash: string): Promise<void> {
    await tiles.insert(this.#session, { level, tile_index: index, hash });
  }

  /** Two servers may sign the same tree: the first stays. */
  async addCheckpoint(checkpoint: Checkpoint): Promise<void> {
    await checkpoints.insertNew(this.#session, checkpointRow(checkpoint));
  }

  async cosignCheckpoint(checkpoint: Checkpoint): Promise<void> {
    await checkpoints.upsert(this.#session, checkpointRow(checkpoint));
  }
}
