import { expect, it } from 'vitest';
import { claim } from '../fixture/do-work.ts';
import { callerOf } from '../fixture/people.ts';
import type { Session } from '../fixture/session.ts';
import { planned, withSession } from '../fixture/with-session.ts';
import { startRun } from '../run/start-run.ts';
import { assignedTargets } from './assigned-targets.ts';
import { addTarget, changeTarget, removeTarget } from './manage-target.ts';

const request = { name: 'later', project: 'later', environment: 'dev', connector: 'fake', settings: { path: '/a' } };
const never = new AbortController().signal;
const ask = ({ context }: Session, known: string, waitMs = 0) =>
  assignedTargets(context, { worker: 'worker', instance: context.ids.next(), known, wait_ms: waitMs }, never);

it('a worker is told what it is to serve as soon as that changes, and of nothing else', async () => {
  await withSession(async (session) => {
    const { context } = session;
    const before = await ask(session, '');
    expect(before.targets).toEqual([]);
    expect((await ask(session, before.version)).version).toBe(before.version);
    const told = ask(session, before.version, 20_000);
    const began = performance.now();
    expect((await addTarget(context, callerOf('carol'), request)).ok).toBe(true);
    const after = await told;
    expect(performance.now() - began).toBeLessThan(5000);
    expect(after.targets).toEqual([{ name: 'later', connector: 'fake', settings: { path: '/a' } }]);
    expect(context.registry.current.map(({ name }) => name)).toContain('later');
    const strange = { worker: 'another', instance: context.ids.next(), known: '', wait_ms: 0 };
    expect((await assignedTargets(context, strange, never)).targets).toEqual([]);
  });
});

it('of many who add one name at once one does; of many who change one revision one does', async () => {
  await withSession(async ({ context }) => {
    const carol = callerOf('carol');
    const adding = await Promise.all(Array.from({ length: 20 }, () => addTarget(context, carol, request)));
    expect(adding.filter(({ ok }) => ok)).toHaveLength(1);
    const change = (at: number) => changeTarget(context, carol, 'later', { revision: 1, settings: { path: `/${at}` } });
    const changing = await Promise.all(Array.from({ length: 20 }, (_, at) => change(at)));
    expect(changing.filter(({ ok }) => ok)).toHaveLength(1);
    expect(changing.filter((each) => !each.ok && each.code === 'E_REVISION')).toHaveLength(19);
  });
});

it('nothing is changed or removed under a run, and an AI changes none at all', async () => {
  await withSession(async (session) => {
    const { context } = session;
    const carol = callerOf('carol');
    await addTarget(context, carol, request);
    const operationId = await planned(session, 'ada', 'dev', { start: 'when_allowed' });
    const { run } = await session.rows(operationId);
    const held = { target: 'later', runId: run?.id ?? '', operationId, acquiredAt: 1 };
    await context.store.write((unit) => unit.locks.acquire(held));
    for (const each of [
      await changeTarget(context, carol, 'later', { settings: {} }),
      await removeTarget(context, carol, 'later'),
    ])
      expect(each).toMatchObject({ code: 'E_TARGET_BUSY', detail: { op_id: held.operationId } });
    await context.store.write((unit) => unit.locks.release('later', held.runId));
    for (const each of [
      await addTarget(context, callerOf('adasBot'), { ...request, name: 'more' }),
      await changeTarget(context, callerOf('adasBot'), 'later', { settings: {} }),
      await removeTarget(context, callerOf('adasBot'), 'later'),
    ])
      expect(each).toMatchObject({ code: 'E_AUTH_FORBIDDEN' });
    expect((await removeTarget(context, carol, 'later')).ok).toBe(true);
  });
});

it('what was approved for a target is not begun at another that got its name (promise 3)', async () => {
  await withSession(async (session) => {
    const opId = await planned(session, 'ada', 'dev');
    const { operation, plan } = await session.rows(opId);
    const other = session.targets.map((target) =>
      target.name === operation.target.name ? { ...target, tier: 'prod' as const } : target,
    );
    const digest = plan?.digest ?? '';
    const context = { ...session.context };
    const started = await startRun(context, callerOf('ada'), {
      opId,
      digest,
      requestId: undefined,
      busy: 'queue' as const,
    });
    expect(started.ok).toBe(true);
    Object.defineProperty(session.context, 'targets', { value: other });
    expect(await claim(session, 'run')).toBeNull();
    expect((await session.rows(opId)).run).toMatchObject({ state: 'failed', failure: { code: 'E_PLAN_STALE' } });
  });
});
