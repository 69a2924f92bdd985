import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { readCounters } from './counters.ts';
import { readFlags } from './flags.ts';
import { readJvms } from './jvm-list.ts';

const fixture = (name: string) => readFileSync(new URL(`../fixture/${name}`, import.meta.url), 'utf8');

it('lists JVMs without itself, without folders, and without arguments', () => {
  const text = `12361 Dead secret=hunter2
12362 /opt/app/lib/app.jar --password=hunter2
77 org.example.app/org.example.Main
78
79 -- process information unavailable
12558 jdk.jcmd/sun.tools.jcmd.JCmd -l
`;
  expect(readJvms(text)).toEqual([
    { pid: 12361, name: 'Dead' },
    { pid: 12362, name: 'app.jar' },
    { pid: 77, name: 'org.example.Main' },
    { pid: 78, name: 'unknown' },
    { pid: 79, name: 'unknown' },
  ]);
});

it.each([
  ['17', 1795904925932],
  ['25', 1795904926051],
])('reads the counters of a JVM %s that was asked to collect once', (version, beganAt) => {
  expect(readCounters(fixture(`counters-${version}.txt`))).toMatchObject({
    beganAt,
    threads: { live: 12, daemon: 6, peak: 12 },
    majorCollections: 1,
    lastCause: 'Diagnostic Command',
    collectors: [
      { name: 'G1 young collection pauses', collections: 0, totalMs: 0 },
      { name: 'G1 full collection pauses', collections: 1, totalMs: version === '17' ? 11 : 85 },
      { name: 'G1 concurrent cycle pauses', collections: 0, totalMs: 0 },
    ],
  });
});

it('counts what sees the old part of the heap, whatever the collector', () => {
  const began = 'sun.rt.createVmBeginTime=5\n';
  const of = (counts: readonly number[]) =>
    readCounters(began + counts.map((count, index) => `sun.gc.collector.${index}.invocations=${count}`).join('\n'))
      ?.majorCollections;
  expect([of([9, 1]), of([9, 0, 3]), of([9, 1, 2])]).toEqual([1, 3, 3]);
  expect(readCounters(`${began}sun.gc.collector.2.invocations=3`)?.majorCollections).toBe(3);
});

it('is nothing without a beginning', () => {
  expect(readCounters('')).toBeUndefined();
  expect(readCounters('12029:\n')).toBeUndefined();
});

it.each([
  [
    '-XX:MaxHeapSize=33554432 -XX:-THPStackMitigation -XX:+UseG1GC',
    { collector: 'G1', maxHeapBytes: 33554432, explicitGc: true },
  ],
  ['-XX:+UseZGC -XX:+DisableExplicitGC', { collector: 'Z', maxHeapBytes: null, explicitGc: false }],
  ['-XX:+UseEpsilonGC', { collector: 'Epsilon', maxHeapBytes: null, explicitGc: true }],
  ['-XX:CICompilerCount=2', { collector: 'unknown', maxHeapBytes: null, explicitGc: true }],
])('flags %s', (text, flags) => {
  expect(readFlags(text)).toEqual(flags);
});
