import { change, contextOf } from '@countersign/connector-kit/conformance';
import { expect } from 'vitest';
import { connectTo, stepOf } from './connection.ts';
import type { LiveJvm } from './jvms.ts';

/** What is said of the deadlock of `fixture/Deadlock.java`: both threads, each with what it waits for and who holds it. */
export const both = [
  { thread: 'left-first', waits_for: 'java.lang.Object', held_by: 'right-first' },
  { thread: 'right-first', waits_for: 'java.lang.Object', held_by: 'left-first' },
];

/** Reads a JVM in every way, and has it collect once: the same wherever it runs. */
export async function looksAround(config: unknown, jvm: LiveJvm) {
  const connection = connectTo(config);
  const read = async (action: string, inputs = { jvm: jvm.name }) =>
    await connection.read(stepOf(action, inputs), contextOf());
  expect(await connection.readiness(AbortSignal.timeout(20_000))).toMatchObject({ status: 'ready' });
  const listed = await connection.read(stepOf('jvm.list', { name: 'Deadlock' }), contextOf());
  expect(listed.summary).toMatchObject({ jvms: expect.arrayContaining([{ name: jvm.name, pid: String(jvm.pid) }]) });
  expect(JSON.stringify(listed.summary)).not.toContain('hunter2');
  expect((await read('jvm.status')).summary).toMatchObject({
    pid: jvm.pid,
    collector: expect.stringMatching(/^(Serial|G1)$/),
    threads: { live: expect.any(Number) },
    heap: { max_bytes: 32 * 1024 * 1024, used_bytes: expect.any(Number) },
  });
  expect((await read('jvm.heap_info', { jvm: String(jvm.pid) })).summary).toMatchObject({
    heap: { used_bytes: expect.any(Number) },
  });
  const dumped = await read('jvm.thread_dump');
  expect(dumped.summary).toMatchObject({ deadlock_count: 1, deadlocks: [both], truncated: false });
  expect(Buffer.from(dumped.artifacts[0]?.content ?? []).toString()).toContain('Found 1 deadlock.');
  const was = await jvm.collections();
  const { verify } = await change(connection, stepOf('jvm.gc', { jvm: jvm.name }));
  expect(await verify()).toMatchObject({ pid: jvm.pid, last_cause: 'Diagnostic Command' });
  expect((await jvm.collections()) - was).toBe(1);
}
