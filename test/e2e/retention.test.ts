import { randomUUID } from 'node:crypto';
import type { ActionAnswer } from '@countersign/protocol';
import { runCountersign } from '@countersign/testing';
import { expect, it } from 'vitest';
import { auditEntries } from './harness/audit.ts';
import { verified } from './harness/bundle.ts';
import { describeServer, type Stage } from './harness/describe-server.ts';
import { anchored, propose, runToEnd, writeFiles } from './harness/flow.ts';
import { readStream } from './harness/read-stream.ts';

async function read({ alice }: Stage, path: string): Promise<ActionAnswer> {
  const body = { request_id: randomUUID(), target: 'shop-dev', action: 'repo.file', inputs: { path } };
  return await alice.client.call('actionExecute', { body });
}

const artifactOf = ({ alice }: Stage, answer: ActionAnswer) =>
  alice.client.call('artifact', { params: { artifact_id: answer.artifacts[0]?.artifact_id ?? '' } });

async function auditVerifies({ admin, url, dataDir }: Stage): Promise<void> {
  const env = { COUNTERSIGN_SERVER: url, COUNTERSIGN_TOKEN: admin.token };
  const verify = await runCountersign(['audit', 'verify'], { cwd: dataDir, env });
  expect(verify.code, verify.stderr).toBe(0);
}

// A millisecond: everything that has ended is old.
const short = 1 / 86_400_000;

describeServer('retention by age', { config: { retention: { artifact_days: short, output_days: short } } }, (stage) => {
  it('takes artifacts and output that are old; digests, bundles and the audit stay', async () => {
    const { alice, vera, admin } = stage();
    const stream = (id: string) => readStream(stage().url, alice.token, id, null);
    const answer = await read(stage(), 'README.md');
    const [artifact] = answer.artifacts;
    const operation = await propose(alice.client, writeFiles('dev', { 'notes/kept.md': 'kept\n' }));
    await runToEnd(alice.client, operation);
    await anchored(alice.client, operation.op_id);
    const before = await stream(operation.op_id);
    expect(before.some(({ event }) => event.type === 'output')).toBe(true);

    await expect(vera.client.call('retentionApply')).rejects.toMatchObject({ code: 'E_AUTH_FORBIDDEN' });
    const pass = await admin.client.call('retentionApply');
    expect(pass.artifacts.count).toBeGreaterThan(0);
    const gone = await artifactOf(stage(), answer).catch((error: unknown) => error);
    expect(gone).toMatchObject({
      code: 'E_GONE',
      detail: { sha256: artifact?.sha256, size_bytes: artifact?.size_bytes },
    });
    const again = await alice.client.call('actionStatus', { params: { request_id: answer.request_id } });
    expect(again.artifacts).toEqual(answer.artifacts);

    const after = await stream(operation.op_id);
    expect(after.filter(({ event }) => event.type === 'output')).toEqual([]);
    expect(after.filter(({ event }) => event.type === 'removed')).toHaveLength(1);
    expect(after.filter(({ event }) => event.type === 'state')).toEqual(
      before.filter(({ event }) => event.type === 'state'),
    );
    expect((await verified(alice.client, operation.bundle_id)).state).toBe('pass');
    const entries = await auditEntries(stage(), { event: 'retention.applied' });
    expect(JSON.stringify(entries)).toContain(artifact?.sha256);
    await auditVerifies(stage());
    const usage = await admin.client.call('storage');
    expect(usage).toMatchObject({ artifacts: { count: 0, size_bytes: 0 }, last_pass: pass });
    expect(usage.removed.count).toBeGreaterThan(0);
    expect(usage.database_bytes).toBeGreaterThan(0);
    // A second pass finds nothing, so it says nothing.
    expect(await admin.client.call('retentionApply')).toMatchObject({ artifacts: { count: 0 }, outputs: { count: 0 } });
  });

  it('what is stored again after it was taken is there again', async () => {
    const first = await read(stage(), 'README.md');
    await stage().admin.client.call('retentionApply');
    await expect(artifactOf(stage(), first)).rejects.toMatchObject({ code: 'E_GONE' });
    const second = await read(stage(), 'README.md');
    expect(new TextDecoder().decode(await artifactOf(stage(), second))).toBe('# shop\n');
  });
});

const files = Object.fromEntries(Array.from({ length: 6 }, (_, index) => [`f${index}.txt`, `${index}`.repeat(1000)]));

describeServer('retention by size', { files, config: { retention: { artifact_mb: 0.0031 } } }, (stage) => {
  it('the oldest artifacts go until what is left fits the budget', async () => {
    const answers: ActionAnswer[] = [];
    for (const path of Object.keys(files)) answers.push(await read(stage(), path));
    await stage().admin.client.call('retentionApply');
    const left = await Promise.all(
      answers.map((answer) =>
        artifactOf(stage(), answer).then(
          () => true,
          () => false,
        ),
      ),
    );
    expect(left).toEqual([false, false, false, true, true, true]);
    const { artifacts, retention } = await stage().admin.client.call('storage');
    expect(artifacts.size_bytes).toBeLessThanOrEqual((retention.artifact_mb ?? 0) * 1e6);
  });
});
