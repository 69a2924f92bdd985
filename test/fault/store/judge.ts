import { readTrust } from '@countersign/engine';
import { verifyBundle } from '@countersign/evidence';
import { nodeVerifyCrypto } from '@countersign/evidence/node';
import { uuidOfRunId } from '@countersign/protocol';
import { expect } from 'vitest';
import { leafHashOf, naiveRoot } from '../../../packages/store/src/fixture/hashing.ts';
import { type Acknowledged, type Life, type Place, until } from './world.ts';

/** The oracle of every fault for one operation, on what a restarted server made of it. */
export async function judgeOperation(place: Place, life: Life, told: Acknowledged): Promise<void> {
  const { opId } = told;
  if (opId === null) throw new Error('nothing was proposed');
  const view = await until(life, opId, { ...told, refusals: [] }, ({ state }) => state === 'closed');
  const { store } = life.context;
  const trust = await store.read((reads) => readTrust(reads, 'test'));
  // Acknowledged is durable.
  if (told.confirmed) expect(view.approvals.map((given) => given.plan_digest)).toContain(told.digest);
  if (told.runId !== null) expect(view.run?.run_id).toBe(told.runId);
  expect(view.run?.state, JSON.stringify(view)).toBe('succeeded');
  // Effects: each step's once, and the run says so.
  for (const step of view.run?.steps ?? []) {
    const key = `${uuidOfRunId(view.run?.run_id ?? '')}.${step.index}`;
    expect(step.state).toBe('verified');
    expect(place.ledger.effects.get(key), `effects of ${key}`).toBe(1);
  }
  // Nothing unapproved ran, and fences rise.
  const audit = await store.read((reads) => reads.audit.query({ subjectId: opId, limit: 500 }));
  const events = audit.map((entry) => entry.body.event);
  for (const once of ['operation.proposed', 'approval.confirmed', 'run.queued', 'run.succeeded'])
    expect(events.filter((event) => event === once)).toEqual([once]);
  expect(events.indexOf('approval.confirmed')).toBeLessThan(events.indexOf('run.queued'));
  expect(events.indexOf('run.queued')).toBeLessThan(events.indexOf('run.started'));
  const fences = audit.flatMap(({ body }) => (body.event === 'run.started' ? [Number(body.detail['fence'])] : []));
  expect(fences).toEqual([...new Set(fences)].sort((left, right) => left - right));
  // Its bundle is sealed, anchored and verifies.
  const bundle = await anchored(life, opId);
  const report = await verifyBundle(bundle, trust, nodeVerifyCrypto);
  expect(report.findings.filter((finding) => finding.state !== 'pass')).toEqual([]);
}

async function anchored(life: Life, opId: string): Promise<Map<string, Uint8Array>> {
  for (const limit = performance.now() + 15_000; ; ) {
    const { state, files } = await life.context.store.read(async (reads) => {
      const record = await reads.evidence.byOperation(opId);
      return { state: record?.state, files: record === null ? [] : await reads.evidence.files(record.bundleId) };
    });
    if (state === 'anchored') return new Map(files.map(({ path, content }) => [path, content]));
    if (performance.now() > limit) throw new Error(`the bundle stays ${state}\n${life.errors.join('\n')}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** The whole audit is dense, hashes to its leaves, and its signed head is the root of them. Answers its size. */
export async function judgeAudit(life: Life): Promise<number> {
  const { store } = life.context;
  const { entries, checkpoint } = await store.read(async (reads) => ({
    entries: await reads.audit.query({ limit: 1_000_000 }),
    checkpoint: await reads.audit.latestCheckpoint(),
  }));
  expect(entries.map((entry) => entry.leafIndex)).toEqual(entries.map((_, index) => index));
  const leaves = entries.map((entry) => leafHashOf(entry.text));
  expect(entries.map((entry) => entry.leafHash)).toEqual(leaves);
  expect(new Set(entries.map((entry) => entry.body.entry_id)).size).toBe(entries.length);
  expect(checkpoint?.rootHash).toBe(naiveRoot(leaves.slice(0, checkpoint?.treeSize)));
  for (let tile = 0; (tile + 1) * 256 <= leaves.length; tile++) {
    const stored = await store.read((reads) => reads.audit.tile(1, tile));
    expect(stored).toBe(naiveRoot(leaves.slice(tile * 256, (tile + 1) * 256)));
  }
  return entries.length;
}
