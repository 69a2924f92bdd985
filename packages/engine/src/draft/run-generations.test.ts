import type { ChatAnswer, ModelProvider, Store } from '@countersign/kernel';
import { accept, type Outcome, refuse, type TargetRef } from '@countersign/protocol';
import { waitUntil } from '@countersign/testing';
import { expect, it } from 'vitest';
import type { CrashPoint, EngineContext } from '../context/context.ts';
import { fakeProviders } from '../fixture/fake-models.ts';
import { callerOf } from '../fixture/people.ts';
import { withSession } from '../fixture/with-session.ts';
import { cancelOperation } from '../run/cancel-operation.ts';
import { generateDraft } from './ask-provider.ts';
import { startGenerations } from './run-generations.ts';
import { editDraft } from './write-draft.ts';

const target: TargetRef = { name: 'agent', project: 'project-1', environment: 'dev', tier: 'dev', connector: 'agent' };
const ada = callerOf('ada');

/** A provider that answers nothing until it is given up. */
function waiting(): ModelProvider & { asked: number; aborted: number } {
  const never = refuse('E_PROVIDER_CANCELLED', 'given up', { next: 'ask again' });
  const provider = {
    name: 'slow',
    type: 'openai_compat' as const,
    model: 'm',
    asked: 0,
    aborted: 0,
    capabilities: () => ({ streaming: false, structured: false }),
    listModels: async () => accept([]),
    healthcheck: async () => accept({ latencyMs: 0, models: [] }),
    async chatOnce({ signal }: { signal: AbortSignal }): Promise<Outcome<ChatAnswer>> {
      provider.asked += 1;
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
      provider.aborted += 1;
      return never;
    },
    async *chatStream() {
      yield { kind: 'end' as const, outcome: never };
    },
  };
  return provider;
}

async function generated(context: EngineContext): Promise<string> {
  const made = await generateDraft(context, ada, { prompt: 'mend a.ts', context: { file: 'SECRET-BUSINESS' } });
  if (!made.ok) throw new Error(made.message);
  return made.value;
}
const draftOf = ({ store }: EngineContext, id: string) => store.read((reads) => reads.drafts.get(id));

it('a draft that is withdrawn keeps nothing of what a provider would have been asked', async () => {
  await withSession(async (session) => {
    const provider = waiting();
    const providers = fakeProviders(provider);
    const context = { ...session.context, targets: [...session.targets, target], providers };
    const id = await generated(context);
    expect(JSON.stringify(await draftOf(context, id))).toContain('SECRET-BUSINESS');
    expect(await cancelOperation(context, ada, id, 'never mind')).toMatchObject({ ok: true });
    const draft = await draftOf(context, id);
    expect(JSON.stringify(draft)).not.toContain('SECRET-BUSINESS');
    expect(draft?.generation).toMatchObject({ state: 'failed', failure: { code: 'E_CANCELLED' } });
  });
});

it('a draft that is withdrawn after its job was claimed is not sent out any more', async () => {
  await withSession(async (session) => {
    const provider = waiting();
    let claimed = false;
    let id = '';
    const withdrawn = new Set<string>();
    const inner = session.context.store;
    /** Between the claim and the next look, its requester withdraws it. */
    const store: Store = {
      dialect: inner.dialect,
      write: (unit) => inner.write(unit),
      async read(query) {
        if (claimed && id !== '' && !withdrawn.has(id)) {
          withdrawn.add(id);
          await cancelOperation({ ...session.context, targets: context.targets }, ada, id, '');
        }
        return await inner.read(query);
      },
      ping: () => inner.ping(),
      close: () => inner.close(),
    };
    const context: EngineContext = {
      ...session.context,
      store,
      targets: [...session.targets, target],
      providers: fakeProviders(provider),
      crash: {
        hit(point: CrashPoint) {
          if (point === 'generate-claim:after-commit') claimed = true;
        },
      },
    };
    id = await generated(context);
    const running = startGenerations(context, 'one', (_what, error) => {
      throw error;
    });
    await waitUntil('it is withdrawn', async () => withdrawn.has(id));
    const next = await generated({ ...context, store: inner });
    await waitUntil('the next one is asked', async () => provider.asked > 0);
    await cancelOperation({ ...context, store: inner }, ada, next, '');
    await running.stop();
    expect(provider.asked).toBe(1);
  });
});

it.each(['withdrawn', 'written by hand'] as const)(
  'a draft that is %s while a provider writes it ends that',
  async (how) => {
    await withSession(async (session) => {
      const provider = waiting();
      const providers = fakeProviders(provider);
      const context = { ...session.context, targets: [...session.targets, target], providers };
      const id = await generated(context);
      const running = startGenerations(context, 'one', (_what, error) => {
        throw error;
      });
      await waitUntil('it is asked', async () => provider.asked === 1);
      const startedAt = performance.now();
      if (how === 'withdrawn') await cancelOperation(context, ada, id, '');
      else await editDraft(context, ada, id, { content: 'mine' });
      await waitUntil('it is given up', async () => provider.aborted === 1);
      expect(performance.now() - startedAt).toBeLessThan(5000);
      await running.stop();
    });
  },
);
