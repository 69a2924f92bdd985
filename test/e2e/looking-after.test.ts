import { waitUntil } from '@countersign/testing';
import { expect, it } from 'vitest';
import { describeServer, type Stage } from './harness/describe-server.ts';
import { expectRefused } from './harness/refused.ts';

async function metrics({ url, vera }: Stage): Promise<string> {
  const answer = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${vera.token}` } });
  expect(answer.status).toBe(200);
  return await answer.text();
}

describeServer('looking after it', {}, (stage) => {
  it('health tells each connector and target, and readyz that writes and the log work (DO-3)', async () => {
    const health = await stage().vera.client.call('health');
    expect(health).toMatchObject({ status: 'ready', panic: false, database: { status: 'ready' } });
    const [agent, repo] = health.connectors;
    expect(agent).toMatchObject({ connector: 'agent', status: 'ready' });
    expect(repo).toMatchObject({ connector: 'repo', status: 'ready' });
    expect(repo?.targets.every((target) => target.status === 'ready')).toBe(true);
    expect(await stage().vera.client.call('readyz')).toEqual({ status: 'ok' });
  });

  it('metrics count requests by route, and audit entries (DO-14)', async () => {
    await stage().vera.client.call('targets');
    const before = await metrics(stage());
    await stage().vera.client.call('targets');
    const after = await metrics(stage());
    const count = (text: string): number =>
      Number(/countersign_http_requests_total\{route="targets",method="GET",status="200"\} (\d+)/.exec(text)?.[1]);
    expect(count(after)).toBe(count(before) + 1);
    expect(after).toMatch(/countersign_audit_tree_size [1-9]/);
  });

  it('validation runs the checks of a scope, keeps the result, and is audited (CP-10)', async () => {
    const { alice, vera } = stage();
    expect(await vera.client.call('validateStatus', { query: { scope: 'repo' } })).toMatchObject({
      status: 'unknown',
      checks: [],
    });
    const ran = await alice.client.call('validateRun', { body: { scope: 'repo' } });
    expect(ran.status).toBe('pass');
    expect(ran.checks.map((check) => check.id)).toContain('repo.shop-dev.status');
    expect(await vera.client.call('validateStatus', { query: { scope: 'repo' } })).toEqual(ran);
    expect((await alice.client.call('validateRun', { body: { scope: 'workspace' } })).status).toBe('pass');
    await expectRefused(alice.client.call('validateRun', { body: { scope: 'module' } }), 'E_CAPABILITY_DISABLED');
    // On Postgres an entry is placed in the log soon after its commit.
    const entries = await waitUntil('both entries are in the log', async () => {
      const found = await vera.client.call('audit', { query: { event: 'validation.run', limit: 10 } });
      return found.entries.length >= 2 && found.entries;
    });
    expect(entries.map((entry) => entry.actor.principal)).toEqual(['alice', 'alice']);
  });

  it('the audit log answers who, what, subject and outcome, in leaf order with paging (DO-5, DO-17)', async () => {
    const { vera } = stage();
    const all = await vera.client.call('audit', { query: { limit: 500 } });
    expect(all.entries.map((entry) => entry.leaf_index)).toEqual(all.entries.map((_, index) => index));
    const created = await vera.client.call('audit', { query: { event: 'token.created', actor: 'admin', limit: 500 } });
    expect(created.entries.length).toBeGreaterThanOrEqual(3);
    const page = await vera.client.call('audit', {
      query: { event: 'token.created', after: created.entries[0]?.leaf_index ?? 0, limit: 1 },
    });
    expect(page.entries).toEqual([created.entries[1]]);
  });
});
