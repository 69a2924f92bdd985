import type { Store, Unit } from '@countersign/kernel';
import type { TargetRef } from '@countersign/protocol';
import { expect, it } from 'vitest';
import type { CrashPoint, EngineContext } from '../context/context.ts';
import { startApproved } from '../draft/start-approved.ts';
import { createDraft } from '../draft/write-draft.ts';
import { callerOf } from '../fixture/people.ts';
import { withSession } from '../fixture/with-session.ts';
import { cancelOperation } from '../run/cancel-operation.ts';
import { setPanic } from '../setting/panic.ts';
import { claimDispatch } from './claim-dispatch.ts';

const target: TargetRef = { name: 'agent', project: 'project-1', environment: 'dev', tier: 'dev', connector: 'agent' };
const bot = callerOf('adasBot');

async function started(context: EngineContext, prompt: string): Promise<string> {
  const drafted = await createDraft(context, callerOf('ada'), { prompt });
  if (!drafted.ok) throw new Error(drafted.message);
  const run = await startApproved(context, callerOf('ada'), drafted.value, undefined);
  if (!run.ok) throw new Error(run.message);
  return drafted.value;
}

/** A context in which something happens once, right after something was claimed and before that is noted to be handed over. */
function between(context: EngineContext, happens: () => Promise<void>): EngineContext {
  let state: 'before' | 'claimed' | 'happened' = 'before';
  const inner = context.store;
  const store: Store = {
    dialect: inner.dialect,
    async write<T>(unit: (open: Unit) => Promise<T>): Promise<T> {
      if (state === 'claimed') {
        state = 'happened';
        await happens();
      }
      return await inner.write(unit);
    },
    read: (query) => inner.read(query),
    ping: () => inner.ping(),
    close: () => inner.close(),
  };
  const hit = (point: CrashPoint): void => {
    if (state === 'before' && point === 'claim:after-commit') state = 'claimed';
  };
  return { ...context, store, crash: { hit } };
}

it('a claim whose instruction is cancelled before it is handed over goes on to the next, under the same key', async () => {
  await withSession(async (session) => {
    const context = { ...session.context, targets: [...session.targets, target] };
    const first = await started(context, 'never mind');
    const second = await started(context, 'do this');
    const racing = between(context, async () => {
      expect(await cancelOperation(context, callerOf('ada'), first, 'never mind')).toMatchObject({ ok: true });
    });
    const ask = (at: EngineContext) =>
      claimDispatch(at, bot, { waitMs: 0, requestId: 'one-key' }, new AbortController().signal);
    const claimed = await ask(racing);
    expect(claimed).toMatchObject({ ok: true, value: { op_id: second, instruction: 'do this' } });
    expect((await session.rows(first)).run?.state).toBe('cancelled');
    // The key stands for what was handed over, and for nothing else.
    expect(await ask(context)).toMatchObject({ ok: true, value: { op_id: second } });
  });
});

it('where nothing else waits, the key is as good as new', async () => {
  await withSession(async (session) => {
    const context = { ...session.context, targets: [...session.targets, target] };
    const first = await started(context, 'not now');
    const racing = between(context, async () => {
      await setPanic(context, callerOf('carol'), true, 'test');
    });
    const ask = (at: EngineContext) =>
      claimDispatch(at, bot, { waitMs: 0, requestId: 'one-key' }, new AbortController().signal);
    expect(await ask(racing)).toEqual({ ok: true, value: null });
    expect((await session.rows(first)).run).toMatchObject({ state: 'failed', failure: { code: 'E_PANIC' } });
    expect(await ask(context)).toEqual({ ok: true, value: null });
  });
});
