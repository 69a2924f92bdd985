import type { StreamLine } from '@countersign/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type LineSink, StreamReader } from './stream-reader.ts';
import { StreamTail } from './stream-tail.ts';

const lineOf = (sequence: number): StreamLine => ({ sequence, text: `{"n":${sequence},"pad":"${'x'.repeat(20)}"}` });

/** A reader that takes what comes, as long as it has room. */
class Collector implements LineSink {
  readonly reader: StreamReader;
  readonly after: number;
  readonly got: number[] = [];
  room = true;
  caughtUpAt: number | null = null;
  left = false;

  constructor(tail: StreamTail, after: number) {
    this.after = after;
    this.reader = new StreamReader(tail, after, this);
    this.reader.pump();
  }

  hasRoom(): boolean {
    return this.room;
  }
  take(lines: readonly StreamLine[]): number {
    this.got.push(...lines.map(({ sequence }) => sequence));
    return lines.length;
  }
  caughtUp(): void {
    expect(this.caughtUpAt).toBeNull();
    this.caughtUpAt = this.got.at(-1) ?? this.after;
  }
  ended(): void {}
  leftBehind(): void {
    this.left = true;
    this.reader.stop();
  }
  failed(error: unknown): void {
    throw error;
  }
}

const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('append' as const), lines: fc.integer({ min: 1, max: 5 }) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('tell' as const), which: fc.nat(5) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('join' as const), back: fc.nat(40) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('leave' as const), which: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('fill' as const), which: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('drain' as const), which: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('look' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const) }) },
);

describe('the hand-over from the database to memory', () => {
  it('gives every reader every line once and in order, however commits, hints, joins and reads fall', async () => {
    let handedOver = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(step, { minLength: 5, maxLength: 60 }),
        fc.integer({ min: 1, max: 600 }),
        fc.nat(30),
        async (scheduler, steps, memoryBytes, stored) => {
          const durable = Array.from({ length: stored }, (_, index) => lineOf(index + 1));
          // A read sees what is durable when it runs, and its answer comes when the scheduler says so.
          const read = <T>(look: () => T): Promise<T> =>
            scheduler.schedule(Promise.resolve(), 'ask').then(() => {
              const seen = look();
              return scheduler.schedule(Promise.resolve(), 'answer').then(() => seen);
            });
          const tail = new StreamTail(
            's',
            {
              after: (_key, sequence, limit) => read(() => durable.slice(sequence, sequence + limit)),
              newest: (_key, limit) => read(() => durable.slice(Math.max(0, durable.length - limit))),
            },
            () => memoryBytes,
          );
          const readers: Collector[] = [];
          const all: Collector[] = [];
          tail.listen(() => {
            for (const each of readers) each.reader.pump();
          });
          const join = async (after: number): Promise<void> => {
            await tail.open();
            const joined = new Collector(tail, after);
            readers.push(joined);
            all.push(joined);
          };
          const joins: Promise<void>[] = [];
          const untold: StreamLine[][] = [];
          for (const each of steps) {
            if (each.do === 'append') {
              const from = durable.length;
              const lines = Array.from({ length: each.lines }, (_, index) => lineOf(from + index + 1));
              durable.push(...lines);
              untold.push(lines);
            } else if (each.do === 'tell') {
              // In any order, and maybe never.
              const [lines] = untold.splice(each.which % Math.max(1, untold.length), 1);
              if (lines !== undefined) tail.feed(lines);
            } else if (each.do === 'join') joins.push(join(Math.max(0, durable.length - each.back)));
            else if (each.do === 'leave') {
              const [gone] = readers.splice(each.which, 1);
              gone?.reader.stop();
            } else if (each.do === 'fill') {
              const full = readers[each.which];
              if (full !== undefined) full.room = false;
            } else if (each.do === 'drain') {
              const empty = readers[each.which];
              if (empty !== undefined) empty.room = true;
              empty?.reader.pump();
            } else if (each.do === 'look') void tail.look();
            else if (scheduler.count() > 0) await scheduler.waitOne();
          }
          await scheduler.waitFor(Promise.all(joins));
          for (const each of readers) {
            each.room = true;
            each.reader.pump();
          }
          await scheduler.waitFor(tail.look());
          await scheduler.waitIdle();
          for (const each of all) {
            const first = each.after + 1;
            expect(each.got).toEqual(each.got.map((_, index) => first + index));
            if (!readers.includes(each) || each.left) continue;
            expect(each.got.length).toBe(durable.length - each.after);
            expect(each.caughtUpAt).not.toBeNull();
            if (each.got.length > 0) handedOver += 1;
          }
        },
      ),
      { numRuns: 1500 },
    );
    expect(handedOver).toBeGreaterThan(500);
  });

  it('tells a reader without room that memory has gone past it, and never one that only reads the database', async () => {
    const durable = Array.from({ length: 40 }, (_, index) => lineOf(index + 1));
    const pages = {
      after: async (_key: string, sequence: number, limit: number) => durable.slice(sequence, sequence + limit),
      newest: async (_key: string, limit: number) => durable.slice(-limit),
    };
    const tail = new StreamTail('s', pages, () => 100);
    await tail.open();
    const live = new Collector(tail, 40);
    const behind = new Collector(tail, 0);
    live.room = false;
    behind.room = false;
    const more = Array.from({ length: 20 }, (_, index) => lineOf(41 + index));
    durable.push(...more);
    tail.feed(more);
    live.reader.pump();
    behind.reader.pump();
    expect([live.left, behind.left]).toEqual([true, false]);
  });
});
