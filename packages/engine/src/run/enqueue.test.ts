import { expect, it } from 'vitest';
import { defaultDecider } from '../fixture/default-decider.ts';
import { claim, intend } from '../fixture/do-work.ts';
import { openEngineBench } from '../fixture/engine-bench.ts';
import { plannedOperation } from '../fixture/planned-operation.ts';
import { Session, targetsOf } from '../fixture/session.ts';
import { workerPort } from '../worker/in-process-port.ts';

it('fences of one run rise through a doubt and its second job', async () => {
  await using bench = await openEngineBench();
  const targets = targetsOf(1);
  const session = new Session(bench, bench.context(defaultDecider('standard'), targets), targets);
  const { context } = session;
  const opId = await plannedOperation(session);
  await claim(session, 'run');
  await session.register();
  const second = await claim(session, 'run');
  if (second === null) throw new Error('a restarted worker gets its run back');
  await intend(session, second, 0);
  const port = workerPort(context);
  await port.recordOutcome(session.fenceOf(second), { index: 0, outcome: 'unknown', after: null, guard: null });
  await port.complete(session.fenceOf(second), { kind: 'run', result: 'unknown', artifacts: [] });
  bench.clock.advance(2000);
  const reconcile = await claim(session, 'reconcile');
  if (reconcile === null) throw new Error('a doubt is read again');
  const found = { kind: 'reconcile', index: 0, result: 'applied', after: null, guard: null } as const;
  await port.complete(session.fenceOf(reconcile), found);
  await claim(session, 'run');
  const started = await context.store.read((reads) =>
    reads.audit.query({ events: ['run.started'], subjectId: opId, limit: 10 }),
  );
  expect(started.map(({ body }) => body.detail['fence']).sort()).toEqual([1, 2, 3]);
});
