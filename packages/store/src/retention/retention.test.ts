import type { Checkpoint, Reads, Unit } from '@countersign/kernel';
import { describe, expect, it } from 'vitest';
import { openPostgresTestStore, openSqliteTestStore } from '../fixture/open-test-stores.ts';
import { aJob, anOperation, nextId } from '../fixture/rows.ts';
import { suiteStore } from '../fixture/test-store.ts';

const hourMs = 3_600_000;
const checkpoint = (treeSize: number, at: number): Checkpoint => ({
  treeSize,
  rootHash: 'a'.repeat(64),
  frontier: [],
  note: `note ${treeSize}`,
  at,
});

describe.each([
  ['sqlite', openSqliteTestStore],
  ['postgres', openPostgresTestStore],
] as const)('retention [%s]', (_name, open) => {
  const opened = suiteStore(open);
  const write = <T>(unit: (unit: Unit) => Promise<T>): Promise<T> => opened().store.write(unit);
  const read = <T>(query: (reads: Reads) => Promise<T>): Promise<T> => opened().store.read(query);

  it('keeps the jobs and request ids of open operations, however old, and takes those of closed ones', async () => {
    const draft = anOperation();
    const closed = anOperation({ state: 'closed', closedReason: 'executed' });
    const key = (operationId: string) => ({
      principal: 'p',
      route: 'r',
      key: nextId(),
      fingerprint: 'f',
      operationId,
      createdAt: 1000,
    });
    const keys = { open: key(draft.id), closed: key(closed.id) };
    const jobs = [aJob({ subjectId: draft.id }), aJob({ subjectId: closed.id })];
    await write(async (unit) => {
      for (const operation of [draft, closed]) await unit.operations.insert(operation);
      for (const each of Object.values(keys)) await unit.idempotency.claim(each);
      for (const job of jobs) await unit.jobs.insert(job);
      for (const job of jobs) await unit.jobs.finish(job.id);
    });
    const far = Number.MAX_SAFE_INTEGER;
    const removed = await write(async (unit) => [
      await unit.retention.removeRows('idempotency', 1000, 10),
      await unit.retention.removeRows('idempotency', far, 10),
      await unit.retention.removeRows('job', far, 10),
    ]);
    expect(removed).toEqual([0, 1, 1]);
    await read(async (reads) => {
      expect(await reads.idempotency.get('p', 'r', keys.open.key)).not.toBeNull();
      expect(await reads.idempotency.get('p', 'r', keys.closed.key)).toBeNull();
    });
  });

  it('keeps one checkpoint an hour, and the newest', async () => {
    const at = [0, 1, 2, hourMs, hourMs + 1, 5 * hourMs, 5 * hourMs + 7];
    await write(async (unit) => {
      for (const [index, time] of at.entries()) await unit.audit.addCheckpoint(checkpoint(index + 1, time));
    });
    expect(await write((unit) => unit.retention.removeRows('checkpoint', 5 * hourMs, 100))).toBe(3);
    const left = await read(async (reads) => {
      const found: (number | undefined)[] = [];
      for (const [index] of at.entries()) found.push((await reads.audit.checkpointFor(index + 1))?.treeSize);
      return found.filter((size) => size !== undefined);
    });
    expect(left).toEqual([3, 5, 6, 7]);
  });

  it('counts what stands and what was taken', async () => {
    const content = { kind: 'output', id: nextId(), sha256: 'b'.repeat(64), sizeBytes: 70, removedAt: null } as const;
    await write((unit) => unit.retention.saveContent(content, 1));
    expect(await read((reads) => reads.retention.usage())).toMatchObject({ outputs: { count: 1, sizeBytes: 70 } });
    await write((unit) => unit.retention.saveContent({ ...content, removedAt: 5 }, 5));
    expect(await read((reads) => reads.retention.usage())).toMatchObject({
      outputs: { count: 0, sizeBytes: 0 },
      removed: { count: 1, sizeBytes: 70 },
    });
    expect(await read((reads) => reads.retention.content('output', content.id))).toMatchObject({ removedAt: 5 });
  });
});
