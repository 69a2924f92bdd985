import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from '@countersign/client';
import { waitUntil } from '@countersign/testing';
import { expect, it } from 'vitest';
import { startServer } from '../../apps/countersign/src/serve/serve.ts';
import { auditEntries } from './harness/audit.ts';
import { verified } from './harness/bundle.ts';
import { describeServer } from './harness/describe-server.ts';
import { anchored, approve, digestOf, propose, runToEnd, show, until, writeFiles } from './harness/flow.ts';
import { openServer } from './harness/open-server.ts';
import { expectRefused } from './harness/refused.ts';

const twoInProd = `@id("prod-two")
@reason("A change in prod needs two other people.")
@obligation("approve:2")
forbid (principal, action in Action::"mutate", resource)
when { context.phase == Phase::"run" && resource.tier == Tier::"prod" }
unless { context.approvals >= 2 };`;
const noDev = `@id("no-dev") @reason("Nothing in dev today.")
forbid (principal, action in Action::"mutate", resource)
when { context.phase == Phase::"run" && resource.tier == Tier::"dev" };`;

describeServer(
  "policies of the operator's own",
  {
    policies: {
      'own.cedar':
        '@id("own") permit (principal, action == Action::"read", resource) when { principal.ai && context.solo };',
    },
  },
  (stage) => {
    const file = () => join(stage().policyFolder, 'own.cedar');
    const put = async (text: string): Promise<string> => {
      const { version: before } = await stage().admin.client.call('policyShow');
      writeFileSync(file(), text);
      return await waitUntil('other policies decide', async () => {
        const { version } = await stage().admin.client.call('policyShow');
        return version !== before && version;
      });
    };

    it('tightened while the server runs: what was ready waits again, until one more approved (DO-10, OR-10)', async () => {
      const { alice, bob, bearer } = stage();
      const carl = await bearer({ name: 'carl', kind: 'person', role: 'approver' });
      const planned = await propose(alice.client, writeFiles('prod', { 'r.txt': 'r\n' }));
      expect((await approve(bob.client, planned.op_id)).display).toBe('ready');
      const version = await put(twoInProd);
      const again = await until(alice.client, planned.op_id, 'waits', ({ display }) => display === 'waiting_approval');
      expect(again.verdict).toMatchObject({
        decision: 'needs',
        obligations: [{ kind: 'approve', count: 2 }],
        policies: [{ id: 'prod-two' }],
        policy_set: version,
      });
      await expectRefused(
        alice.client.call('opsExecute', { body: { op_id: planned.op_id, digest: digestOf(planned) } }),
        'E_APPROVAL_REQUIRED',
      );
      const [changed] = await auditEntries(stage(), { event: 'policy.changed' });
      expect(changed?.detail).toMatchObject({ to: version });
      const [redecided] = await auditEntries(stage(), { subject: planned.op_id, event: 'operation.redecided' });
      expect(redecided?.detail).toMatchObject({ before: 'allow', decision: 'needs', policy_set: version });
      expect((await approve(carl.client, planned.op_id)).display).toBe('ready');
      const ended = await runToEnd(alice.client, planned);
      await anchored(alice.client, planned.op_id);
      expect((await verified(alice.client, ended.bundle_id)).state).toBe('pass');
    });

    it('a broken file is refused, told of in health, metrics and audit, and the policies before it stay (DO-10)', async () => {
      const { admin, alice } = stage();
      const { version } = await admin.client.call('policyShow');
      writeFileSync(file(), '\n@id("broken")\npermit (principal, action, resource) when { resource.owner == "me" };');
      const faults = await waitUntil('the file is refused', async () => {
        const { policy } = await admin.client.call('health');
        return policy.status === 'degraded' && policy;
      });
      expect(faults).toMatchObject({ version, message: expect.stringMatching(/^own\.cedar:3: .*owner/) });
      expect(await admin.client.call('metrics')).toContain('countersign_policy_faults 1');
      expect((await admin.client.call('policyShow')).faults).toMatchObject([
        { file: 'own.cedar', policy: 'broken', line: 3 },
      ]);
      const refused = await expectRefused(admin.client.call('policyReload', { body: {} }), 'E_POLICY_INVALID');
      expect(refused.detail).toMatchObject({ stays: version, faults: [{ file: 'own.cedar', line: 3 }] });
      const told = await auditEntries(stage(), { event: 'policy.refused' });
      expect(told).toHaveLength(1);
      expect((await propose(alice.client, writeFiles('dev', { 'still.txt': 's\n' }))).display).toBe('ready');
      rmSync(file());
      await waitUntil('it is mended', async () => (await admin.client.call('health')).policy.status === 'ready');
    });

    it('denied by new policies it stays open, and mended ones bring it back by a reload; nothing starts by itself (DO-10)', async () => {
      const { admin, alice } = stage();
      await expectRefused(alice.client.call('policyReload', { body: {} }), 'E_AUTH_FORBIDDEN');
      const planned = await propose(alice.client, writeFiles('dev', { 'b.txt': 'b\n' }));
      await put(noDev);
      await until(alice.client, planned.op_id, 'denied', ({ display }) => display === 'denied');
      await expectRefused(alice.client.call('opsExecute', { body: { op_id: planned.op_id } }), 'E_POLICY_DENIED');
      rmSync(file());
      const answer = await admin.client.call('policyReload', { body: {} });
      expect((await admin.client.call('policyShow')).version).toBe(answer.version);
      const ready = await until(alice.client, planned.op_id, 'ready', ({ display }) => display === 'ready');
      expect(ready.run).toBeNull();
      expect((await runToEnd(alice.client, planned)).status).toBe('succeeded');
    });

    it('says why somebody may or may not, with the text of the policies (DO-10)', async () => {
      const { admin, alice, vera } = stage();
      const body = { action: 'repo.write_files', target: 'shop-prod' };
      const told = await alice.client.call('policyExplain', { body });
      expect(told).toMatchObject({
        asked: { phase: 'run', principal: { name: 'alice', role: 'actions', ai: false }, target: { tier: 'prod' } },
        verdict: { decision: 'needs', policies: [{ id: 'prod-approval', text: expect.stringContaining('approve:1') }] },
        explanation: expect.stringContaining('A change in prod needs the approval of one other person.'),
      });
      expect((await vera.client.call('policyExplain', { body })).verdict.decision).toBe('deny');
      const other = {
        principal: { kind: 'agent', name: 'bot' },
        action: 'repo.write_files',
        target: 'shop-dev',
      } as const;
      expect((await admin.client.call('policyExplain', { body: other })).verdict.obligations).toEqual([
        { kind: 'confirm' },
      ]);
      await expectRefused(alice.client.call('policyExplain', { body: other }), 'E_AUTH_FORBIDDEN');
      await expectRefused(
        alice.client.call('policyExplain', { body: { ...body, target: 'nowhere' } }),
        'E_TARGET_UNKNOWN',
      );
      await expectRefused(
        alice.client.call('policyExplain', { body: { ...body, action: 'repo.nothing' } }),
        'E_ACTION_UNKNOWN',
      );
      expect(
        (await show(alice.client, (await propose(alice.client, writeFiles('dev', { 'x.txt': 'x\n' }))).op_id)).display,
      ).toBe('ready');
    });
  },
);

it('several servers on one database take the files over, each for itself (DO-10)', async () => {
  const server = await openServer('postgres', { policies: {} });
  const dataDir = `${server.dataDir}-two`;
  cpSync(join(server.dataDir, 'keys'), join(dataDir, 'keys'), { recursive: true });
  const env = { COUNTERSIGN_LOG_LEVEL: 'fatal', DATABASE_URL: server.databaseUrl ?? '' };
  const { configFile: config } = server.running;
  const second = await startServer({ env, cwd: server.policyFolder, dataDir, config, port: 0, worker: false });
  try {
    const clients = [server.admin.client, connect({ url: second.url, token: server.admin.token })];
    const versions = () => Promise.all(clients.map(async (client) => (await client.call('policyShow')).version));
    const [before] = await versions();
    writeFileSync(join(server.policyFolder, 'own.cedar'), twoInProd);
    const taken = await waitUntil('both decide by it', async () => {
      const [one, two] = await versions();
      return one !== before && one === two && one;
    });
    // Whoever comes first tells of it; at the very same moment both do.
    const told = await auditEntries(server, { event: 'policy.changed' });
    expect([1, 2]).toContain(told.length);
    for (const { detail } of told) expect(detail).toMatchObject({ from: before, to: taken });
  } finally {
    await second.stop();
    await server.close();
  }
});

describeServer(
  'an allowlist of actions',
  { env: { ALLOW_ACTIONS_DEFAULT: 'repo.tree,repo.delete_files' } },
  (stage) => {
    it('what is not allowed is refused before anything is queued (IP-6, DO-10)', async () => {
      const { admin, alice, running } = stage();
      const before = await admin.client.call('opsList');
      const refused = await expectRefused(
        alice.client.call('opsPlan', { body: writeFiles('dev', { 'a.txt': 'a\n' }) }),
        'E_POLICY_DENIED',
      );
      expect(refused.status).toBe(403);
      expect(refused.detail).toMatchObject({ verdict: { policies: [{ id: 'allow-actions' }] } });
      const { target, steps } = writeFiles('dev', { 'a.txt': 'a\n' });
      const inputs = steps[0]?.inputs ?? {};
      const execute = { request_id: 'not-allowed', action: 'repo.write_files', inputs, ...(target && { target }) };
      await expectRefused(alice.client.call('actionExecute', { body: execute }), 'E_POLICY_DENIED');
      expect(await admin.client.call('opsList')).toEqual(before);
      expect(await running.context.store.read((reads) => reads.jobs.queues())).toEqual([]);
      expect((await auditEntries(stage(), { event: 'operation.denied' })).length).toBe(2);
      const read = { request_id: 'allowed', action: 'repo.tree', target: 'shop-dev', inputs: {}, wait_ms: 10_000 };
      expect((await alice.client.call('actionExecute', { body: read })).status).toBe('succeeded');
    });
  },
);
