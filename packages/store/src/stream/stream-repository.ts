import type { OutputPlace, StreamChunk, StreamLine, StreamWrites } from '@countersign/kernel';
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

/** Columns of `stream_writer`: how much of its output each writer of a stream has said. */
export const StreamWriterRow = z.object({ stream_key: z.string(), writer: z.string(), appended: integer });
export type StreamWriterRow = z.input<typeof StreamWriterRow>;

const table = new Table('stream', StreamRow, ['stream_key', 'sequence']);
const writers = new Table('stream_writer', StreamWriterRow, ['stream_key', 'writer']);
const Line = z.object({ sequence: integer, event: z.string() });
const LastOf = z.object({ stream_key: z.string(), last: integer.nullable() });
/** Keys of one query at most. */
const keysAtOnce = 500;
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
const linesAfter = new Prepared<{ stream_key: string; sequence: number; limit: number }>((db, parameter) =>
  db
    .selectFrom('stream')
    .select(['sequence', 'event'])
    .where('stream_key', '=', parameter('stream_key'))
    .where('sequence', '>', parameter('sequence'))
    .orderBy('sequence')
    .limit(parameter('limit')),
);
const lastSequence = preparedSql<{ stream_key: string }>(
  (parameter) =>
    sql`select coalesce(max(sequence), 0) as last from stream where stream_key = ${parameter('stream_key')}`,
);
const deletedAtOnce = 500;

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

  async linesAfter(key: string, sequence: number, limit: number): Promise<StreamLine[]> {
    const values = { stream_key: key, sequence, limit };
    const { rows } = await this.#session.execute(linesAfter.bind(this.#session.dialect, values));
    return rows.map((row) => {
      const { sequence, event } = Line.parse(row);
      return { sequence, text: event };
    });
  }

  async lastOf(keys: readonly string[]): Promise<Map<string, number>> {
    const found = new Map<string, number>();
    for (let from = 0; from < keys.length; from += keysAtOnce) {
      const some = keys.slice(from, from + keysAtOnce);
      const wanted = sql.join(some.map((key) => sql`(${key})`));
      // One look at the end of the index for each, however long the stream is.
      const query = sql`
        with wanted (stream_key) as (values ${wanted})
        select wanted.stream_key, (select max(sequence) from stream where stream.stream_key = wanted.stream_key) as last
        from wanted`;
      const { rows } = await this.#session.execute(query.compile(this.#session.dialect.builder));
      for (const row of rows) {
        const { stream_key: key, last } = LastOf.parse(row);
        if (last !== null) found.set(key, last);
      }
    }
    return found;
  }

  async replace(key: string, sequences: readonly number[], event: StreamEvent): Promise<void> {
    const [first, ...rest] = sequences;
    if (first === undefined) return;
    const { builder } = this.#session.dialect;
    const own = builder
      .updateTable('stream')
      .set({ event: jsonText(event) })
      .where('stream_key', '=', key);
    await this.#session.execute(own.where('sequence', '=', first).compile());
    for (let from = 0; from < rest.length; from += deletedAtOnce) {
      const some = rest.slice(from, from + deletedAtOnce);
      const taken = builder.deleteFrom('stream').where('stream_key', '=', key).where('sequence', 'in', some);
      await this.#session.execute(taken.compile());
    }
  }

  async append(key: string, at: number, events: readonly StreamEvent[]): Promise<StreamLine[]> {
    // A state event and output may come from two units at once: without the lock both would take the same sequence.
    await lockName(this.#session, `stream:${key}`);
    return await this.#insert(key, at, events);
  }

  async appendOutput(
    key: string,
    at: number,
    { writer, first }: OutputPlace,
    events: readonly StreamEvent[],
  ): Promise<StreamLine[]> {
    await lockName(this.#session, `stream:${key}`);
    const said = (await writers.get(this.#session, { stream_key: key, writer }))?.appended ?? 0;
    const fresh = events.slice(Math.max(0, said + 1 - first));
    if (fresh.length === 0) return [];
    await writers.upsert(this.#session, { stream_key: key, writer, appended: first + events.length - 1 });
    return await this.#insert(key, at, fresh);
  }

  async #insert(key: string, at: number, events: readonly StreamEvent[]): Promise<StreamLine[]> {
    const first = (await this.last(key)) + 1;
    const lines = events.map((event, offset) => ({ sequence: first + offset, text: jsonText(event) }));
    for (const { sequence, text } of lines) {
      await table.insert(this.#session, { stream_key: key, sequence, at, event: text });
    }
    return lines;
  }
}
