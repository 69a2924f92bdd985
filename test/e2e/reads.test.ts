import { randomUUID } from 'node:crypto';
import type { ActionAnswer } from '@countersign/protocol';
import { expect, it } from 'vitest';
import { auditEntries } from './harness/audit.ts';
import { describeServer, type Stage } from './harness/describe-server.ts';
import { expectRefused } from './harness/refused.ts';

const long = Array.from({ length: 4000 }, (_, line) => `line ${line}`).join('\n');

async function read(
  { alice }: Stage,
  action: string,
  inputs: Record<string, string | number | boolean>,
): Promise<ActionAnswer> {
  const body = { request_id: randomUUID(), target: 'shop-dev', action, inputs };
  return await alice.client.call('actionExecute', { body });
}

async function artifact({ vera }: Stage, answer: ActionAnswer): Promise<string> {
  const [kept] = answer.artifacts;
  if (kept === undefined) throw new Error('there is no artifact');
  const bytes = await vera.client.call('artifact', { params: { artifact_id: kept.artifact_id } });
  expect(bytes.length).toBe(kept.size_bytes);
  return new TextDecoder().decode(bytes);
}

describeServer('reads', { files: { 'README.md': '# shop\n', 'docs/long.txt': long } }, (stage) => {
  it('repo.tree, repo.file, repo.status and repo.diff answer a summary and keep the output as an artifact (DO-6, DO-7, DO-8)', async () => {
    const { repos } = stage();
    const tree = await read(stage(), 'repo.tree', { recursive: true });
    expect(tree).toMatchObject({ status: 'succeeded', truncated: false, digest: null, summary: { count: 3 } });
    expect(await artifact(stage(), tree)).toContain('"path":"docs/long.txt"');
    const file = await read(stage(), 'repo.file', { path: 'README.md' });
    expect(await artifact(stage(), file)).toBe('# shop\n');
    const status = await read(stage(), 'repo.status', {});
    expect(status).toMatchObject({ status: 'succeeded', run_id: expect.stringMatching(/^r_/) });
    await repos.dev.commit({ 'README.md': '# another\n' });
    const diff = await read(stage(), 'repo.diff', {});
    expect(await artifact(stage(), diff)).toContain('+# another');
    for (const answer of [tree, file, diff]) {
      expect(answer.timeout_ms).toBeGreaterThan(0);
      expect(answer.output_cap_bytes).toBeGreaterThan(0);
      expect(answer.duration_ms).not.toBeNull();
    }
  });

  it('what is cut says so in answer, summary and artifact (DO-8)', async () => {
    const cut = await read(stage(), 'repo.file', { path: 'docs/long.txt', max_bytes: 1000 });
    expect(cut).toMatchObject({ truncated: true, summary: { truncated: true }, artifacts: [{ truncated: true }] });
    const text = await artifact(stage(), cut);
    expect(text.length).toBeLessThanOrEqual(1000);
    expect(long.startsWith(text)).toBe(true);
  });

  it('GET /v1/actions/{request_id} repeats the answer, for its caller alone (DO-7, DO-12)', async () => {
    const { alice, bob } = stage();
    const answer = await read(stage(), 'repo.tree', {});
    const params = { request_id: answer.request_id };
    expect(await alice.client.call('actionStatus', { params })).toEqual(answer);
    await expectRefused(bob.client.call('actionStatus', { params }), 'E_NOT_FOUND');
  });

  it('a read that fails is told with its code, and every read leaves one audit entry (DO-8, DO-14)', async () => {
    const missing = await read(stage(), 'repo.file', { path: 'no/such.txt' });
    expect(missing).toMatchObject({ status: 'failed', failure: { code: 'E_TARGET_MISSING' }, artifacts: [] });
    const entries = await auditEntries(stage(), { subject: missing.op_id });
    expect(entries.map(({ event, outcome }) => `${event} ${outcome}`)).toEqual(['read.done failed']);
  });

  it('a read has no plan, decision or bundle (DO-6, DO-8)', async () => {
    const { alice } = stage();
    const answer = await read(stage(), 'repo.tree', {});
    const view = await alice.client.call('opsGet', { params: { op_id: answer.op_id } });
    expect(view).toMatchObject({ effect: 'read', plan: null, approvals: [], evidence: null });
    await expectRefused(alice.client.call('evidence', { params: { bundle_id: view.bundle_id } }), 'E_NOT_FOUND');
    await expectRefused(alice.client.call('opsExecute', { body: { op_id: answer.op_id } }), 'E_NOT_FOUND');
  });
});
