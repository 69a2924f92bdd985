import type { DispatchView, TargetRef } from '@countersign/protocol';
import { expect, it } from 'vitest';
import type { CrashPoint } from '../context/context.ts';
import { startApproved } from '../draft/start-approved.ts';
import { createDraft } from '../draft/write-draft.ts';
import { callerOf } from '../fixture/people.ts';
import type { Session } from '../fixture/session.ts';
import { withSession } from '../fixture/with-session.ts';
import { claimDispatch } from './claim-dispatch.ts';
import { finishDispatch } from './report-dispatch.ts';

const target: TargetRef = {
  name: 'agent',
  project: 'project-1',
  environment: 'dev',
  tier: 'dev',
  connector: 'agent',
};
const bot = callerOf('adasBot');

/** An instruction that an agent has in hand, and what the engine is asked with. */
async function handedOver(session: Session): Promise<{ context: Session['context']; dispatch: DispatchView }> {
  const context = { ...session.context, targets: [...session.targets, target] };
  const drafted = await createDraft(context, callerOf('ada'), { prompt: 'tidy up' });
  if (!drafted.ok) throw new Error(drafted.message);
  const run = await startApproved(context, callerOf('ada'), drafted.value, undefined);
  if (!run.ok) throw new Error(run.message);
  const claimed = await claimDispatch(context, bot, { waitMs: 0, requestId: undefined }, new AbortController().signal);
  if (!claimed.ok || claimed.value === null) throw new Error('nothing was handed over');
  return { context, dispatch: claimed.value };
}

it.each(['succeeded', 'failed'] as const)(
  'a word of an agent that it %s, and that its run is over, are one unit: dying after any of them leaves neither by itself (promise 4)',
  async (result) => {
    await withSession(async (session) => {
      const { context, dispatch } = await handedOver(session);
      const hits: CrashPoint[] = [];
      const dying = {
        ...context,
        crash: {
          hit(point: CrashPoint) {
            hits.push(point);
            if (point.endsWith(':after-commit')) throw new Error(`died at ${point}`);
          },
        },
      };
      const request = { lease: dispatch.lease, result, artifacts: [] };
      await expect(finishDispatch(dying, bot, dispatch.run_id, request)).rejects.toThrow('died at');
      expect(hits.filter((point) => point.endsWith(':after-commit'))).toHaveLength(1);
      const { run, steps } = await session.rows(dispatch.op_id);
      expect([steps[0]?.state, run?.state]).toEqual([result === 'succeeded' ? 'verified' : 'failed', result]);
      // Its answer was lost: said again it is answered, and stands once.
      const again = await finishDispatch(context, bot, dispatch.run_id, request);
      expect(again).toMatchObject({ ok: true, value: { state: result } });
      const told = await context.store.read((reads) => reads.audit.query({ subjectId: dispatch.op_id, limit: 100 }));
      expect(told.filter(({ body }) => body.event === 'step.outcome')).toHaveLength(1);
    });
  },
);

it('dying before its word is kept leaves the agent its instruction, to say it again', async () => {
  await withSession(async (session) => {
    const { context, dispatch } = await handedOver(session);
    const dying = {
      ...context,
      crash: {
        hit(point: CrashPoint) {
          if (point.endsWith(':before-commit')) throw new Error(`died at ${point}`);
        },
      },
    };
    const request = { lease: dispatch.lease, result: 'succeeded' as const, artifacts: [] };
    await expect(finishDispatch(dying, bot, dispatch.run_id, request)).rejects.toThrow('died at');
    const { run, steps } = await session.rows(dispatch.op_id);
    expect([steps[0]?.state, run?.state]).toEqual(['intent', 'running']);
    expect(await finishDispatch(context, bot, dispatch.run_id, request)).toMatchObject({ ok: true });
    expect((await session.rows(dispatch.op_id)).run?.state).toBe('succeeded');
  });
});
