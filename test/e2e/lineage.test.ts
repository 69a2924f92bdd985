import { expect, it } from 'vitest';
import { auditEntries } from './harness/audit.ts';
import { describeServer, type Stage } from './harness/describe-server.ts';
import { approve, confirm, digestOf, propose, runToEnd, show, writeFiles } from './harness/flow.ts';
import type { Bearer, Tier } from './harness/open-server.ts';
import { expectRefused, refusal } from './harness/refused.ts';

interface Lineage {
  readonly human: Bearer;
  readonly agent: Bearer;
  readonly others: Readonly<Record<string, Bearer>>;
}

/** A person with every kind of token that can hang below them. */
async function lineage({ bearer, admin }: Stage, name: string): Promise<Lineage> {
  const human = await bearer({ name, kind: 'person', role: 'approver' });
  const agent = await bearer({ name: `${name}-bot`, kind: 'agent', role: 'actions' }, human.client);
  return {
    human,
    agent,
    others: {
      'the agent': agent,
      'an agent made by the agent': await bearer(
        { name: `${name}-bot-2`, kind: 'agent', role: 'actions' },
        agent.client,
      ),
      'a service of the human': await bearer(
        { name: `${name}-ci`, kind: 'service', role: 'approver', owner: name },
        admin.client,
      ),
    },
  };
}

async function auditOf(stage: Stage, opId: string): Promise<string[]> {
  const entries = await auditEntries(stage, { subject: opId });
  return entries.map(({ event, actor }) => `${event} ${actor.principal}`);
}

describeServer('lineage', {}, (stage) => {
  it.each<Tier>(['dev', 'stage', 'prod'])(
    'what an AI proposes in %s is decided by no token of its own line; its human may confirm, never approve (DO-13, OR-9)',
    async (tier) => {
      const { agent, human, others } = await lineage(stage(), `lin-${tier}`);
      const { repos } = stage();
      const before = await repos[tier].git('rev-parse', 'main');
      const planned = await propose(agent.client, writeFiles(tier, { [`by-ai-${tier}.txt`]: 'x\n' }));
      expect(planned.requester).toMatchObject({ root: `lin-${tier}`, ai: true });
      expect(planned.display).toMatch(/^waiting_/);
      const { op_id } = planned;
      const body = { digest: digestOf(planned) };
      for (const [who, { client }] of Object.entries(others)) {
        await show(client, op_id);
        await expectRefused(client.call('opsConfirmation', { params: { op_id }, body: {} }), 'E_APPROVAL_NOT_ALLOWED');
        const confirmed = { ...body, confirmation: 'csc_guessed' };
        await expectRefused(
          client.call('opsConfirm', { params: { op_id }, body: confirmed }),
          'E_APPROVAL_NOT_ALLOWED',
        );
        const said = await refusal(client.call('opsApprove', { params: { op_id }, body }));
        expect(`${who}: ${said.status}`).toBe(`${who}: 403`);
        const outcome = { outcome: 'applied', reason: 'it is there' } as const;
        expect((await refusal(client.call('opsResolve', { params: { op_id }, body: outcome }))).status).toBe(403);
        await expectRefused(client.call('opsExecute', { body: { op_id, ...body } }), 'E_APPROVAL_REQUIRED');
      }
      await show(human.client, op_id);
      await expectRefused(human.client.call('opsApprove', { params: { op_id }, body }), 'E_APPROVAL_NOT_ALLOWED');
      expect(await repos[tier].git('rev-parse', 'main')).toBe(before);
      const confirmed = await confirm(human.client, planned);
      expect(confirmed.display).toBe(tier === 'prod' ? 'waiting_approval' : 'ready');
      const ready = tier === 'prod' ? await approve(stage().bob.client, op_id) : confirmed;
      expect((await runToEnd(agent.client, ready)).status).toBe('succeeded');
      const audit = await auditOf(stage(), op_id);
      expect(audit.filter((line) => line.startsWith(`approval.refused lin-${tier}-bot`)).length).toBeGreaterThanOrEqual(
        2,
      );
      expect(audit.filter((line) => line === `approval.refused lin-${tier}-ci`).length).toBe(3);
      expect(audit).toContain(`approval.refused lin-${tier}`);
      const entries = await auditEntries(stage(), { event: 'access.refused' });
      for (const route of ['approve', 'resolve']) {
        const mine = entries.filter(
          ({ subject, actor }) => subject.id.endsWith(`/${route}`) && actor.root === `lin-${tier}` && actor.ai,
        );
        expect(mine.length).toBe(2);
      }
    },
  );

  it('an AI that edits what its human proposed makes it its own: a person confirms it, in dev too (DO-13)', async () => {
    const { agent, human } = await lineage(stage(), 'edits');
    const planned = await propose(human.client, writeFiles('dev', { 'mine.txt': 'mine\n' }));
    expect(planned.display).toBe('ready');
    const { op_id } = planned;
    const { steps } = writeFiles('dev', { 'mine.txt': 'the words of an AI\n' });
    const edited = await agent.client.call('opsEdit', { params: { op_id }, body: { steps }, preferWaitSeconds: 30 });
    expect(edited.display).toBe('waiting_confirmation');
    await expectRefused(
      agent.client.call('opsExecute', { body: { op_id, digest: digestOf(edited) } }),
      'E_APPROVAL_REQUIRED',
    );
  });

  it('whoever edited a plan cannot be the one who approves it (DO-10)', async () => {
    const { alice, bearer } = stage();
    const boss = await bearer({ name: 'boss', kind: 'person', role: 'admin' });
    const planned = await propose(alice.client, writeFiles('prod', { 'pay.txt': '10\n' }));
    const { op_id } = planned;
    const { steps } = writeFiles('prod', { 'pay.txt': '1000000\n' });
    const edited = await boss.client.call('opsEdit', { params: { op_id }, body: { steps }, preferWaitSeconds: 30 });
    expect(edited.requester).toEqual({ name: 'boss', root: 'boss', ai: false });
    await expectRefused(
      boss.client.call('opsApprove', { params: { op_id }, body: { digest: digestOf(edited) } }),
      'E_APPROVAL_NOT_ALLOWED',
    );
  });

  it('agents of two people never share a principal, whatever they are called (DO-12, IP-4)', async () => {
    const { bearer } = stage();
    const [ann, ben] = await Promise.all([
      bearer({ name: 'ann', kind: 'person', role: 'actions' }),
      bearer({ name: 'ben', kind: 'person', role: 'actions' }),
    ]);
    const hers = await bearer({ name: 'helper', kind: 'agent', role: 'actions' }, ann.client);
    const his = await bearer({ name: 'helper', kind: 'agent', role: 'actions' }, ben.client);
    const request_id = `same-key-${stage().dialect}`;
    const first = await propose(hers.client, { ...writeFiles('dev', { 'helper.txt': '1\n' }), request_id });
    const second = await propose(his.client, { ...writeFiles('dev', { 'helper.txt': '1\n' }), request_id });
    expect(second.op_id).not.toBe(first.op_id);
    expect(second.requester.root).toBe('ben');
  });

  it('an agent gets no role that decides, and none above its maker (DO-19)', async () => {
    const { agent, human } = await lineage(stage(), 'climber');
    for (const [by, kind, role] of [
      [human, 'agent', 'approver'],
      [human, 'agent', 'admin'],
      [agent, 'person', 'approver'],
      [agent, 'service', 'actions'],
      [agent, 'agent', 'approver'],
      [human, 'person', 'viewer'],
    ] as const) {
      const body = { name: `t-${kind}-${role}`, kind, role };
      const said = await refusal(by.client.call('tokenCreate', { body }));
      expect(`${kind} ${role}: ${said.code}`).toMatch(/E_AUTH_FORBIDDEN|E_VALIDATION/);
    }
  });
});
