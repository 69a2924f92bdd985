import type { Client } from '@countersign/client';
import { isErrorCode } from '@countersign/protocol';
import { expect, it } from 'vitest';
import { auditEntries } from './harness/audit.ts';
import { describeServer, type Stage } from './harness/describe-server.ts';

const rounds = Number(process.env['COUNTERSIGN_DRAFT_ROUNDS'] ?? '20');

/** What an answer was: done, or the code of its refusal. */
async function said(asked: Promise<unknown>): Promise<string> {
  try {
    await asked;
    return 'done';
  } catch (error) {
    const { code } = Object(error);
    if (isErrorCode(code)) return code;
    throw error;
  }
}

/** A draft of alice's for one agent, so that nobody else gets it. */
async function waiting({ alice }: Stage, agent: string, prompt: string) {
  const draft = await alice.client.call('draftCreate', { body: { prompt, agent } });
  return { ...draft, params: { draft_id: draft.id }, approvedId: `a_${draft.id.slice(2)}` };
}

describeServer('a draft that is edited while it is decided on', {}, (stage) => {
  const agentOf = async (name: string): Promise<Client> =>
    (await stage().bearer({ name, kind: 'agent', role: 'actions' }, stage().alice.client)).client;

  it(`edit and approve at once, ${rounds} times: nothing is approved but what was shown (OR-10)`, async () => {
    const { alice } = stage();
    const agent = await agentOf('racer');
    const wins = { edit: 0, approve: 0 };
    // A machine may prefer one of them for a while: the race goes on until both have won.
    const isOpen = (round: number) =>
      round < rounds || (Math.min(wins.edit, wins.approve) === 0 && round < 10 * rounds);
    for (let round = 0; isOpen(round); round += 1) {
      const draft = await waiting(stage(), 'racer', `shown ${round}`);
      const approve = () =>
        said(alice.client.call('draftApprove', { params: draft.params, body: { digest: draft.digest ?? '' } }));
      const edit = () =>
        said(alice.client.call('draftEdit', { params: draft.params, body: { content: `edited ${round}` } }));
      const first = round % 2 === 0 ? approve() : edit();
      const second = round % 2 === 0 ? edit() : approve();
      const [approved, edited] = round % 2 === 0 ? [await first, await second] : [await second, await first];
      // An edit always comes through here; an approval does, or is told that this is not what was shown.
      expect(edited).toBe('done');
      expect(['done', 'E_DIGEST_MISMATCH']).toContain(approved);
      wins[approved === 'done' ? 'approve' : 'edit'] += 1;
      // Whoever was first: what stands is the edit, and nobody has approved that.
      const stands = await alice.client.call('draftGet', { params: draft.params });
      expect(stands).toMatchObject({ content: `edited ${round}`, status: 'draft', revision: 2 });
      const start = alice.client.call('runCreate', { body: { approved_id: draft.approvedId } });
      expect(await said(start)).toBe('E_APPROVAL_REQUIRED');
      expect((await agent.call('dispatchClaim', { body: { wait_ms: 0 } })).dispatch).toBeNull();
      const entries = await auditEntries(stage(), { subject: draft.op_id });
      const confirmed = entries.filter(({ event }) => event === 'approval.confirmed');
      expect(confirmed.length).toBe(approved === 'done' ? 1 : 0);
      for (const { detail } of confirmed) expect(detail['digest']).toBe(draft.digest);
    }
    expect(Math.min(wins.edit, wins.approve)).toBeGreaterThan(0);
    console.log(`${rounds} races on ${stage().dialect}: ${wins.approve} approved first, ${wins.edit} edited first`);
  }, 120_000);

  it(`edit, and approve and start, at once, ${rounds} times: what an agent gets is what was approved (OR-9, OR-10)`, async () => {
    const { alice } = stage();
    const agent = await agentOf('runner');
    const ends = { started: 0, edited: 0 };
    for (let round = 0; round < rounds; round += 1) {
      const draft = await waiting(stage(), 'runner', `shown ${round}`);
      const decide = async (): Promise<string> => {
        const body = { digest: draft.digest ?? '' };
        const approved = await said(alice.client.call('draftApprove', { params: draft.params, body }));
        if (approved !== 'done') return approved;
        return await said(alice.client.call('runCreate', { body: { approved_id: draft.approvedId } }));
      };
      const edit = async (): Promise<string> => {
        // Every other one right behind the approval, the rest when the run may have been made.
        await new Promise((resolve) => setTimeout(resolve, round % 2 === 0 ? round / 4 : round * 20));
        const body = { content: `edited ${round}` };
        return await said(alice.client.call('draftEdit', { params: draft.params, body }));
      };
      const [started, edited] = await Promise.all([decide(), edit()]);
      const { dispatch } = await agent.call('dispatchClaim', { body: { wait_ms: 0 } });
      if (started === 'done') {
        ends.started += 1;
        expect(edited).toBe('E_STATE');
        expect(dispatch).toMatchObject({ instruction: `shown ${round}`, plan_digest: draft.digest });
        if (dispatch === null) throw new Error('nothing was handed over');
        const { run_id, lease } = dispatch;
        await agent.call('dispatchFinish', { params: { run_id }, body: { lease, result: 'succeeded' } });
      } else {
        ends.edited += 1;
        expect(edited).toBe('done');
        expect(['E_DIGEST_MISMATCH', 'E_APPROVAL_REQUIRED', 'E_PLAN_NOT_SHOWN']).toContain(started);
        expect(dispatch).toBeNull();
      }
    }
    expect(Math.min(ends.started, ends.edited)).toBeGreaterThan(0);
    console.log(`${rounds} races on ${stage().dialect}: ${ends.started} started, ${ends.edited} edited before`);
  }, 120_000);
});
