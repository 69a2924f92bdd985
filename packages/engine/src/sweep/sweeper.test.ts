import { expect, it, vi } from 'vitest';
import { defaultDecider } from '../fixture/default-decider.ts';
import { claim, intend } from '../fixture/do-work.ts';
import { openEngineBench } from '../fixture/engine-bench.ts';
import { plannedOperation } from '../fixture/planned-operation.ts';
import { Session, targetsOf } from '../fixture/session.ts';
import { workerPort } from '../worker/in-process-port.ts';
import { startSweeper } from './sweeper.ts';

it('seals at once what a killed server had begun to seal', async () => {
  await using bench = await openEngineBench();
  const targets = targetsOf(1);
  const session = new Session(bench, bench.context(defaultDecider('standard'), targets), targets);
  const { context } = session;
  const opId = await plannedOperation(session);
  const run = await claim(session, 'run');
  if (run === null) throw new Error('there is a run to do');
  const port = workerPort(context);
  const fence = session.fenceOf(run);
  await intend(session, run, 0);
  await port.recordOutcome(fence, { index: 0, outcome: 'verified', after: null, guard: null });
  await port.complete(fence, { kind: 'run', result: 'succeeded', artifacts: [] });
  const killed = { worker: 'server', instance: 'killed', kinds: ['seal'] as const, targets: null, leaseMs: 30_000 };
  expect(await context.store.write((unit) => unit.jobs.claim(killed))).not.toBeNull();

  const sweeper = startSweeper(context, 'restarted', (_loop, error) => {
    throw error;
  });
  try {
    await vi.waitFor(async () => {
      const evidence = await context.store.read((reads) => reads.evidence.byOperation(opId));
      expect(evidence?.state).toBe('anchored');
    }, 5000);
  } finally {
    await sweeper.stop();
  }
});
