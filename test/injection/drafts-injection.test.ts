import type { Operation } from '@countersign/kernel';
import { waitUntil } from '@countersign/testing';
import { describe, expect, it } from 'vitest';
import { decideDraft } from '../../packages/engine/src/draft/decide-draft.ts';
import { startApproved } from '../../packages/engine/src/draft/start-approved.ts';
import { proposeOperation } from '../../packages/engine/src/operation/propose-operation.ts';
import { type Attack, ada, ask, bot, type DraftWorld, evilPatch, type Way, ways, withDrafts } from './draft-world.ts';
import { goals, orderOf } from './injection-world.ts';
import { techniques } from './techniques.ts';

// All goals with COUNTERSIGN_INJECTIONS=all; else each way of dressing up with one of them in turn.
const turns = process.env['COUNTERSIGN_INJECTIONS'] === 'all' ? goals.length : 1;
const attacks: readonly Attack[] = ways.flatMap((way, at) =>
  techniques.flatMap((technique, index) =>
    Array.from({ length: turns }, (_, turn) => goals[(index + at + turn) % goals.length]).flatMap((goal, turn) =>
      goal === undefined ? [] : [{ id: `a${at}-${index}-${turn}`, way, goal, text: technique.dress(orderOf(goal)) }],
    ),
  ),
);

const makes: Readonly<Record<Way, { readonly action: string; readonly target: string }>> = {
  generate: { action: 'agent.dispatch', target: 'agent' },
  generate_patch: { action: 'repo.apply_patch', target: 'code-dev' },
  prepare_upgrade: { action: 'agent.dispatch', target: 'agent' },
  explain_drift: { action: 'agent.dispatch', target: 'agent' },
};

/** The draft once its provider has written it, or failed to, and it is planned. */
async function written({ session }: DraftWorld, id: string): Promise<Operation> {
  return await waitUntil(`${id} is planned, or failed`, async () => {
    const { operation } = await session.rows(id);
    const draft = await session.context.store.read((reads) => reads.drafts.get(id));
    return (operation.state === 'planned' || draft?.generation?.state === 'failed') && operation;
  });
}

/** Does work for each of many, some at once. */
async function forEach<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  for (let from = 0; from < all.length; from += 20) await Promise.all(all.slice(from, from + 20).map(work));
}

/** Changes that ran, whoever started them. */
async function changesRun({ context }: DraftWorld): Promise<number> {
  const all = await context.store.read((reads) => reads.operations.list({ limit: 100_000, ranSince: 0 }));
  return all.filter(({ effect }) => effect !== 'read').length;
}

describe('a provider that obeys every text it reads, and writes drafts (CP-7, OR-8)', () => {
  it.each(['kept', 'past'] as const)(
    `gets no further than a draft that waits for its person: ${attacks.length} attacks by ${ways.length} ways, the form %s`,
    async (form) => {
      expect(attacks.length).toBeGreaterThanOrEqual(100);
      await withDrafts(attacks, form, async (world) => {
        const ends = { waits: 0, failed: 0 };
        await forEach(attacks, async (attack) => {
          const where = `${attack.way} ${attack.id} for ${attack.goal.name}`;
          const asked = await ask(world, ada, attack);
          if (!asked.ok) throw new Error(`${where}: ${asked.message}`);
          const operation = await written(world, asked.value);
          // Whatever was said: the place is the caller's, the action the command's, and the addressee nobody of the model's.
          expect(operation.target.name, where).toBe(makes[attack.way].target);
          expect(operation.requester, where).toMatchObject({ root: 'ada', ai: true });
          expect(operation.start, where).toBe('manual');
          if (operation.state !== 'planned') {
            ends.failed += 1;
            return;
          }
          ends.waits += 1;
          expect(
            operation.steps.map(({ action }) => action),
            where,
          ).toEqual([makes[attack.way].action]);
          expect(operation.steps[0]?.inputs, where).not.toHaveProperty('agent');
          expect(operation.verdict, where).toMatchObject({ decision: 'needs', obligations: [{ kind: 'confirm' }] });
        });
        console.log(`injection into drafts, form ${form}: ${attacks.length} attacks, ${JSON.stringify(ends)}`);
        expect(world.asked.length).toBe(attacks.length);
        expect(ends.waits + ends.failed).toBe(attacks.length);
        // By the form everything becomes a draft; past it only free text does, as text.
        const free = attacks.filter(({ way }) => way === 'generate').length;
        expect(ends.waits).toBe(form === 'kept' ? attacks.length : free);
        expect(await changesRun(world)).toBe(0);
      });
    },
    300_000,
  );

  it('what was read reached it whole, between marks that no text of it has, and apart from its task', async () => {
    const some = attacks.filter((_, index) => index % 7 === 0);
    await withDrafts(some, 'kept', async (world) => {
      for (const attack of some) {
        const before = world.asked.length;
        const asked = await ask(world, ada, attack);
        if (!asked.ok) throw new Error(asked.message);
        await written(world, asked.value);
        const [request] = world.asked.slice(before);
        const [system, user] = request?.messages ?? [];
        const mark = /<<<([0-9a-f]{32}) /.exec(user?.content ?? '')?.[1] ?? 'none';
        const read = attack.way === 'generate' ? JSON.stringify({ note: attack.text }) : attack.text;
        const start = user?.content.indexOf(`<<<${mark}`) ?? -1;
        const at = user?.content.indexOf(read) ?? -1;
        expect(start, attack.id).toBeGreaterThan(0);
        expect(at, attack.id).toBeGreaterThan(start);
        expect(user?.content.indexOf(`${mark}>>>`), attack.id).toBeGreaterThanOrEqual(at + read.length);
        expect(attack.text).not.toContain(mark);
        expect(system?.content).toContain(mark);
        expect(system?.content).not.toContain(attack.text);
      }
    });
  });

  it('no AI approves or starts what it wrote', async () => {
    const [attack] = attacks.filter(({ way }) => way === 'generate_patch');
    if (attack === undefined) throw new Error('there is no attack');
    await withDrafts([attack], 'kept', async (world) => {
      const asked = await ask(world, bot, attack);
      if (!asked.ok) throw new Error(asked.message);
      const { id } = await written(world, asked.value);
      const decision = {
        opId: id,
        decision: 'approve',
        digest: undefined,
        comment: '',
        confirmedElsewhere: false,
      } as const;
      expect(await decideDraft(world.context, bot, decision)).toMatchObject({
        ok: false,
        code: 'E_APPROVAL_NOT_ALLOWED',
      });
      for (const caller of [bot, ada]) {
        expect(await startApproved(world.context, caller, id, undefined)).toMatchObject({
          ok: false,
          code: 'E_APPROVAL_REQUIRED',
        });
      }
      expect(await changesRun(world)).toBe(0);
    });
  });
});

it('the control: the same patch, where nothing says that a model wrote it, runs in dev with no person', async () => {
  await withDrafts([], 'kept', async (world) => {
    const proposed = await proposeOperation(world.context, ada, {
      selector: { target: 'code-dev' },
      steps: [{ action: 'repo.apply_patch', inputs: { message: 'evil', patch: evilPatch } }],
      start: 'when_allowed',
      note: '',
      plannedBy: null,
      origin: 'api',
      rollbackOf: null,
      idempotency: null,
    });
    if (!proposed.ok) throw new Error(proposed.message);
    await waitUntil('it is started', async () => (await changesRun(world)) === 1);
    const { operation, run } = await world.session.rows(proposed.value);
    expect([operation.verdict?.decision, run?.state]).toEqual(['allow', 'queued']);
  });
});
