import { decideApproval } from '@countersign/engine';
import { CodedError } from '@countersign/protocol';
import { expect, it } from 'vitest';
import { auditEntries } from './harness/audit.ts';
import { describeServer } from './harness/describe-server.ts';
import { digestOf, propose, runToEnd, show, writeFiles } from './harness/flow.ts';
import { expectRefused } from './harness/refused.ts';
import { steppedUp } from './harness/stepped-up.ts';

const redemptions = Number(process.env['COUNTERSIGN_REDEMPTIONS'] ?? 1000);

describeServer('confirmation', {}, (stage) => {
  const ask = (op_id: string, client = stage().alice.client) =>
    client.call('opsConfirmation', { params: { op_id }, body: {} });
  const give = (op_id: string, digest: string, confirmation: string, client = stage().alice.client) =>
    client.call('opsConfirm', { params: { op_id }, body: { digest, confirmation } });

  it('shows risk, exact target and diff, and is good once, for this person and this plan (DO-11)', async () => {
    const { alice, bob, bearer } = stage();
    const planned = await propose(alice.client, writeFiles('stage', { 'c.txt': 'c\n' }));
    const { op_id } = planned;
    const shown = await ask(op_id);
    expect(shown).toMatchObject({
      op_id,
      risk: planned.risk,
      effect: 'write',
      target: { name: 'shop-stage', project: 'shop', environment: 'stage', identity: planned.plan?.identity },
      digest: digestOf(planned),
      diffs: planned.diffs,
      steps: planned.steps,
      checks: planned.checks,
    });
    expect(shown.confirmation).toMatch(/^csc_[A-Za-z0-9_-]{43}$/);
    const again = await bearer({ name: 'alice2', kind: 'person', role: 'actions', owner: 'alice' });
    await show(again.client, op_id);
    await expectRefused(give(op_id, shown.digest, 'csc_guessed'), 'E_CONFIRMATION_INVALID');
    await expectRefused(give(op_id, shown.digest, shown.confirmation, again.client), 'E_CONFIRMATION_INVALID');
    await expectRefused(ask(op_id, bob.client), 'E_APPROVAL_NOT_ALLOWED');
    const other = await propose(alice.client, writeFiles('stage', { 'd.txt': 'd\n' }));
    await expectRefused(give(other.op_id, digestOf(other), shown.confirmation), 'E_CONFIRMATION_INVALID');
    expect((await give(op_id, shown.digest, shown.confirmation)).display).toBe('ready');
    await expectRefused(give(op_id, shown.digest, shown.confirmation), 'E_CONFIRMATION_INVALID');
    expect((await runToEnd(alice.client, planned)).status).toBe('succeeded');
    await expectRefused(ask(op_id), 'E_ALREADY_DECIDED');
    const kept = await stage().running.context.store.read((reads) =>
      reads.confirmations.countUnused(op_id, Date.now()),
    );
    expect(kept).toBe(0);
    const events = (await auditEntries(stage(), { subject: op_id })).map(({ event }) => event);
    expect(events).toContain('confirmation.issued');
    expect(JSON.stringify(await auditEntries(stage(), { subject: op_id }))).not.toContain(shown.confirmation);
  });

  it('one for a plan that was edited since confirms nothing, and no more stand at once than twenty (DO-11)', async () => {
    const { alice } = stage();
    const planned = await propose(alice.client, writeFiles('stage', { 'e.txt': 'first\n' }));
    const { op_id } = planned;
    const old = await ask(op_id);
    const { steps } = writeFiles('stage', { 'e.txt': 'second\n' });
    const edited = await alice.client.call('opsEdit', { params: { op_id }, body: { steps }, preferWaitSeconds: 30 });
    await expectRefused(give(op_id, old.digest, old.confirmation), 'E_DIGEST_MISMATCH');
    await expectRefused(give(op_id, digestOf(edited), old.confirmation), 'E_CONFIRMATION_INVALID');
    for (let count = 1; count < 20; count += 1) await ask(op_id);
    const refused = await expectRefused(ask(op_id), 'E_RATE_LIMITED');
    expect(refused.status).toBe(429);
    expect((await show(alice.client, op_id)).display).toBe('waiting_confirmation');
  });

  it(`of ${redemptions} parallel redemptions of one token exactly one wins (DO-11)`, async () => {
    const { alice, running } = stage();
    const planned = await propose(alice.client, writeFiles('stage', { 'p.txt': 'p\n' }));
    const { confirmation, digest } = await ask(planned.op_id);
    const caller = await steppedUp(stage(), alice);
    const decision = { opId: planned.op_id, kind: 'confirm', digest, confirmation, comment: '' } as const;
    const use = async (): Promise<string> => {
      for (;;) {
        try {
          const answer = await decideApproval(running.context, caller, decision);
          return answer.ok ? 'won' : answer.code;
        } catch (error) {
          // A database that is asked by so many at once may have no connection left for some of them: they ask again.
          if (!(error instanceof CodedError) || error.code !== 'E_STORE') throw error;
        }
      }
    };
    const codes = await Promise.all(Array.from({ length: redemptions }, use));
    expect(codes.filter((code) => code === 'won')).toHaveLength(1);
    expect(codes.filter((code) => code === 'E_CONFIRMATION_INVALID')).toHaveLength(redemptions - 1);
    const approvals = await running.context.store.read((reads) => reads.approvals.list(planned.op_id));
    expect(approvals).toHaveLength(1);
  }, 120_000);
});
