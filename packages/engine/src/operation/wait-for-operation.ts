import type { Operation, Reads } from '@countersign/kernel';
import type { EngineContext } from '../context/context.ts';
import { stateTopic } from '../context/wake-ups.ts';

/** Waits until `settled` holds for an operation, at most `waitMs`; answers whether it does. */
export async function waitForOperation(
  context: EngineContext,
  opId: string,
  waitMs: number,
  settled: (reads: Reads, operation: Operation) => Promise<boolean>,
): Promise<boolean> {
  const until = performance.now() + waitMs;
  for (;;) {
    const listener = context.wake.listen(stateTopic(opId), Math.max(0, Math.min(1000, until - performance.now())));
    const done = await context.store.read(async (reads) => {
      const operation = await reads.operations.get(opId);
      return operation === null || (await settled(reads, operation));
    });
    if (done || performance.now() >= until) {
      listener.stop();
      return done;
    }
    await listener.done;
  }
}

/** Waits for the plan. */
export async function waitForPlan(context: EngineContext, opId: string, waitMs: number): Promise<boolean> {
  return await waitForOperation(context, opId, waitMs, async (_reads, operation) => operation.state !== 'planning');
}
