import type { StreamChunk, StreamWrites } from '@countersign/kernel';
import { StreamEvent } from '@countersign/protocol';
import { sql } from 'kysely';
import { z } from 'zod';
import { integer, json } from '../codec/column.ts';
import { jsonText } from '../codec/json-text.ts';
import { lockName } from '../database/lock-name.ts';
import { Prepared, preparedSql } from '../database/prepared.ts';
import { firstRow, type Session } from '../database/statement.ts';
import { Table } from '../database/table.ts';

/** Columns of `stream`: one row a chunk. */
export const StreamRow = z.object({
  stream_key: z.string(),
  sequence: integer,
  at: integer,
  event: json(StreamEvent),
});
export type StreamRow = z.input<typeof StreamRow>;

const table = new Table('stream', StreamRow, ['stream_key', 'sequence']);
const Last = z.object({ last: integer });

const chunksAfter = new Prepared<{ stream_key: string; sequence: number; limit: number }>((db, parameter) =>
  db
    .selectFrom('stream')
    .selectAll()
    .where('stream_key', '=', parameter('stream_key'))
    .where('sequence', '>', parameter('sequence'))
    .orderBy('sequence')
    .limit(parameter('limit')),
);
const lastSequence = preparedSql<{ stream_key: string }>(
  (parameter) =>
    sql`select coalesce(max(sequence), 0) as last from stream where stream_key = ${parameter('stream_key')}`,
);
/** Events of runs, for replay. */
export class StreamRepository implements StreamWrites {
  readonly #session: Session;
  constructor(session: Session) {
    this.#session = session;
  }

  async after(key: string, sequence: number, limit: number): Promise<StreamChunk[]> {
    const values = { stream_key: key, sequence, limit };
    const { rows } = await this.#session.execute(chunksAfter.bind(this.#session.dialect, values));
    return rows.map((each) => {
      const { sequence, at, event } = table.decode(each);
      return { sequence, at, event };
    });
  }

  async last(key: string): Promise<number> {
    const row = await firstRow(this.#session, lastSequence.bind(this.#session.dialect, { stream_key: key }));
    return Last.parse(row).last;
  }

  async append(key: string, at: number, events: readonly StreamEvent[]): Promise<StreamChunk[]> {
    // A state event and output may come from two units at once: without the lock both would take the same sequence.
    await lockName(this.#session, `stream:${key}`);
    const first = (await this.last(key)) + 1;
    const chunks = events.map((event, offset) => ({ sequence: first + offset, at, event }));
    for (const { sequence, event } of chunks) {
      await table.insert(this.#session, { stream_key: key, sequence, at, event: jsonText(event) });
    }
    return chunks;
  }
}
