import { decideApproval } from '@countersign/engine';
import { expect, it } from 'vitest';
import { fetchBundle, verified } from './harness/bundle.ts';
import { describeServer } from './harness/describe-server.ts';
import { anchored, approve, digestOf, propose, runToEnd, show, writeFiles } from './harness/flow.ts';
import { expectRefused } from './harness/refused.ts';
import { steppedUp } from './harness/stepped-up.ts';

const groups = ['owners', 'security'].map(
  (group) => `@id("prod-${group}") @reason("A change in prod needs one of ${group}.") @obligation("approve:1:${group}")
forbid (principal, action in Action::"mutate", resource)
when { context.phase == Phase::"run" && resource.tier == Tier::"prod" }
unless { context.approved_by.contains("${group}:1") };`,
);
const fresh = `@id("stage-fresh") @reason("In stage whoever decides has just proven who they are.") @obligation("step_up")
forbid (principal, action in Action::"mutate", resource)
when { context.phase == Phase::"run" && resource.tier == Tier::"stage" }
unless { context.step_up };`;
const noAdmin = `@id("approve-with-role") @reason("Approvers approve; administrators do not.")
permit (principal, action == Action::"approve", resource) when { principal.role == Role::"approver" };`;

describeServer(
  'approver groups and step-up',
  { policies: { 'groups.cedar': groups.join('\n'), 'fresh.cedar': fresh, 'approver.cedar': noAdmin } },
  (stage) => {
    it('two groups are two people, though one of them is in both; the bundle shows it offline (OR-10, DO-10)', async () => {
      const { alice, bearer } = stage();
      const member = (name: string, ...of: string[]) => bearer({ name, kind: 'person', role: 'approver', groups: of });
      const [both, owner, nobody] = [
        await member('both', 'owners', 'security'),
        await member('owner', 'owners'),
        await member('nobody'),
      ];
      const planned = await propose(alice.client, writeFiles('prod', { 'g.txt': 'g\n' }));
      const { op_id } = planned;
      const open = async (by: typeof both) => (await approve(by.client, op_id)).verdict?.obligations;
      expect(await open(nobody)).toEqual([
        { kind: 'approve', count: 1, group: 'owners' },
        { kind: 'approve', count: 1, group: 'security' },
      ]);
      expect(await open(both)).toEqual([{ kind: 'approve', count: 1, group: 'security' }]);
      expect(await open(owner)).toEqual([]);
      expect((await show(alice.client, op_id)).approvals.map(({ principal, groups: of }) => [principal, of])).toEqual([
        ['nobody', []],
        ['both', ['owners', 'security']],
        ['owner', ['owners']],
      ]);
      const ended = await runToEnd(alice.client, planned);
      await anchored(alice.client, op_id);
      expect((await verified(alice.client, ended.bundle_id)).state).toBe('pass');
      const { files } = await fetchBundle(alice.client, ended.bundle_id);
      expect(Buffer.from(files.get('approvals.json') ?? []).toString('utf8')).toContain(
        '"approver_groups":["owners","security"]',
      );
    });

    it('where a step-up is wanted, a decision without one counts for nothing, and the same person decides again (OR-10, DO-10)', async () => {
      const { alice, running } = stage();
      const planned = await propose(alice.client, writeFiles('stage', { 's.txt': 's\n' }));
      const { op_id: opId } = planned;
      const digest = digestOf(planned);
      const confirm = async (agoMs: number) => {
        const { confirmation } = await alice.client.call('opsConfirmation', { params: { op_id: opId }, body: {} });
        const caller = await steppedUp(stage(), alice, agoMs);
        const decision = { opId, kind: 'confirm', digest, confirmation, comment: '' } as const;
        expect(await decideApproval(running.context, caller, decision)).toMatchObject({ ok: true });
        return (await show(alice.client, opId)).display;
      };
      expect(await confirm(300_001)).toBe('waiting_confirmation');
      await expectRefused(alice.client.call('opsExecute', { body: { op_id: opId, digest } }), 'E_APPROVAL_REQUIRED');
      expect(await confirm(1000)).toBe('ready');
      const ended = await runToEnd(alice.client, planned);
      expect(ended.approvals.map(({ stepped_up }) => stepped_up)).toEqual([false, true]);
      await anchored(alice.client, opId);
      expect((await verified(alice.client, ended.bundle_id)).state).toBe('pass');
    });

    it('whether an administrator may approve is a policy (OR-10, DO-10)', async () => {
      const { admin, alice, bob } = stage();
      const planned = await propose(alice.client, writeFiles('prod', { 'a.txt': 'a\n' }));
      const refused = await expectRefused(approve(admin.client, planned.op_id), 'E_POLICY_DENIED');
      expect(refused.detail).toMatchObject({ verdict: { decision: 'deny' } });
      expect((await approve(bob.client, planned.op_id)).approvals).toHaveLength(1);
    });
  },
);
