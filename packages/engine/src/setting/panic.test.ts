import { stepUpFreshMs } from '@countersign/protocol';
import { expect, it } from 'vitest';
import { queryLog } from '../audit/query-log.ts';
import { callerOf, steppedUp } from '../fixture/people.ts';
import type { Session } from '../fixture/session.ts';
import { claimRun, planned, withSession } from '../fixture/with-session.ts';
import { readOperation } from '../operation/read-operation.ts';
import { startRun } from '../run/start-run.ts';
import { panicIsOn, setPanic } from './panic.ts';

async function statesOf(session: Session, opId: string): Promise<string[]> {
  const chunks = await session.context.store.read((reads) => reads.streams.after(opId, 0, 100));
  return chunks.flatMap(({ event }) => (event.type === 'state' && event.subject === 'operation' ? [event.state] : []));
}

it('what becomes ready during panic is held, says so, and starts by a word once panic is lifted', async () => {
  await withSession(async (session) => {
    const { context } = session;
    const administrator = callerOf('carol');
    await setPanic(context, administrator, true, 'fire');
    const opId = await planned(session, 'ada', 'dev', { start: 'when_allowed' });
    expect((await session.rows(opId)).run).toBeNull();
    expect(await statesOf(session, opId)).toEqual(['planning', 'planned', 'held']);
    const request = { opId, digest: undefined, requestId: undefined, busy: 'queue' } as const;

    await setPanic(context, steppedUp(context, 'carol'), false, 'out');
    const seen = await readOperation(context, callerOf('ada'), opId);
    expect(seen).toMatchObject({ ok: true, value: { display: 'ready', next: [`countersign start ${opId}`] } });
    expect((await session.rows(opId)).run, 'the lift sets nothing loose').toBeNull();
    expect(await startRun(context, callerOf('ada'), request)).toMatchObject({ ok: true });
    await claimRun(session, opId);
  });
});

it('what was queued before panic waits, and goes on by itself after it', async () => {
  await withSession(async (session) => {
    const opId = await planned(session, 'ada', 'dev', { start: 'when_allowed' });
    await setPanic(session.context, callerOf('carol'), true, 'fire');
    await expect(claimRun(session, opId)).rejects.toThrow();
    await setPanic(session.context, steppedUp(session.context, 'carol'), false, 'out');
    await claimRun(session, opId);
  });
});

it('is lifted only by a person who has just proven who they are; a refusal is told', async () => {
  await withSession(async ({ context }) => {
    await setPanic(context, callerOf('carol'), true, 'fire');
    const isOn = () => context.store.read((reads) => panicIsOn(reads));
    const late = { ...callerOf('carol'), steppedUpAt: context.clock.now() - stepUpFreshMs - 1 };
    for (const [caller, code] of [
      [callerOf('carol'), 'E_STEP_UP_REQUIRED'],
      [late, 'E_STEP_UP_REQUIRED'],
      [steppedUp(context, 'adasBot'), 'E_AUTH_FORBIDDEN'],
      [steppedUp(context, 'service'), 'E_AUTH_FORBIDDEN'],
    ] as const) {
      expect(await setPanic(context, caller, false, 'over')).toMatchObject({ ok: false, code });
      expect(await isOn()).toBe(true);
    }
    const page = await queryLog(context, { event: 'panic.off', order: 'newest', limit: 10 });
    expect(JSON.stringify(page).split('"outcome":"refused"')).toHaveLength(5);
    expect(await setPanic(context, steppedUp(context, 'carol'), false, 'over')).toMatchObject({ ok: true });
    expect(await isOn()).toBe(false);
  });
});
