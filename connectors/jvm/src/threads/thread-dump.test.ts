import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readThreadDump } from './thread-dump.ts';
import { summariseThreads } from './thread-summary.ts';

const dump = (version: string) => readFileSync(new URL(`../fixture/threads-${version}.txt`, import.meta.url), 'utf8');

describe.each(['17', '25'])('a dump of a JVM %s with a deadlock', (version) => {
  const read = readThreadDump(dump(version));

  it('names both threads, what each waits for and who holds it', () => {
    expect(read.deadlocks).toEqual([
      [
        { name: 'left-first', waitsFor: 'java.lang.Object', heldBy: 'right-first' },
        { name: 'right-first', waitsFor: 'java.lang.Object', heldBy: 'left-first' },
      ],
    ]);
  });

  it('tells threads of the program from those of the JVM, and counts none twice', () => {
    const names = read.threads.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining(['main', 'left-first', 'right-first', 'sleeper-0', 'VM Thread', 'Finalizer']),
    );
    expect(names.filter((name) => name === 'left-first')).toHaveLength(1);
    expect(read.threads.find(({ name }) => name === 'VM Thread')?.state).toBeNull();
    expect(read.threads.find(({ name }) => name === 'Finalizer')).toMatchObject({ daemon: true });
    expect(read.threads.find(({ name }) => name === 'left-first')).toMatchObject({
      daemon: false,
      state: 'BLOCKED',
      frames: expect.arrayContaining(['Dead.take(Dead.java:6)']),
    });
  });

  it('sums up states and shared stacks', () => {
    expect(summariseThreads(read)).toMatchObject({
      deadlock_count: 1,
      deadlocks: [
        [
          { thread: 'left-first', held_by: 'right-first' },
          { thread: 'right-first', held_by: 'left-first' },
        ],
      ],
      states: { BLOCKED: 2, TIMED_WAITING: expect.any(Number) },
      top_stacks: [
        { threads: 3, state: 'TIMED_WAITING', names: ['sleeper-0', 'sleeper-1', 'sleeper-2'] },
        expect.anything(),
        expect.anything(),
        expect.anything(),
        expect.anything(),
      ],
    });
  });
});

it('reads deadlocks over locks of java.util.concurrent, and several of them', () => {
  const deadlock = (left: string, right: string) => `Found one Java-level deadlock:
=============================
"${left}":
  waiting for ownable synchronizer 0x00000007ffe13a50, (a java.util.concurrent.locks.ReentrantLock$NonfairSync),
  which is held by "${right}"

"${right}":
  waiting to lock monitor 0x00007f (object 0x00000007ffe13a20, a java.lang.String),
  which is held by "${left}"

Java stack information for the threads listed above:
===================================================
"${left}":
	at jdk.internal.misc.Unsafe.park(Native Method)
`;
  const { deadlocks } = readThreadDump(deadlock('a', 'b "c"') + deadlock('d', 'e'));
  expect(deadlocks.map((threads) => threads.map(({ name, waitsFor }) => [name, waitsFor]))).toEqual([
    [
      ['a', 'java.util.concurrent.locks.ReentrantLock$NonfairSync'],
      ['b "c"', 'java.lang.String'],
    ],
    [
      ['d', 'java.util.concurrent.locks.ReentrantLock$NonfairSync'],
      ['e', 'java.lang.String'],
    ],
  ]);
});

it('keeps to its bounds whatever threads are called', () => {
  const text = Array.from(
    { length: 500 },
    (_, index) =>
      `"${'x'.repeat(3000)}${index}" #${index} prio=5 os_prio=0 cpu=1ms\n   java.lang.Thread.State: WAITING (parking)\n\tat a.B.c${index % 9}(${'y'.repeat(3000)})\n`,
  ).join('\n');
  const summary = JSON.stringify(summariseThreads(readThreadDump(text)));
  expect(Buffer.byteLength(summary)).toBeLessThan(4096);
  expect(JSON.parse(summary)).toMatchObject({
    threads: 500,
    java_threads: 500,
    states: { WAITING: 500 },
    deadlock_count: 0,
  });
});

it('reads what there is of a dump that was cut', () => {
  const whole = dump('17');
  const cut = readThreadDump(whole.slice(0, whole.indexOf('which is held by "left-first"')));
  expect(cut.threads.length).toBeGreaterThan(10);
  expect(cut.deadlocks[0]?.[0]?.name).toBe('left-first');
});
