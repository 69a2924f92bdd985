import type { Operation, Reads } from '@countersign/kernel';
import type { EngineContext } from '../context/context.ts';
import { stateTopic } from '../context/wake-ups.ts';

/** Waits until `settled` holds for an operation, at most `waitMs` or until `signal`; answers whether it does. */
export async function waitForOperation(
  context: EngineContext,
  opId: string,
  waitMs: number,
  settled: (reads: Reads, operation: Operation) => Promise<boolean>,
  signal?: AbortSignal,
): Promise<boolean> {
  const until = performance.now() + waitMs;
  for (;;) {
    const leftMs = Math.max(0, Math.min(1000, until - performance.now()));
    const listener = context.wake.listen(stateTopic(opId), leftMs, signal);
    const done = await context.store.read(async (reads) => {
      const operation = await reads.operations.get(opId);
      return operation === null || (await settled(reads, operation));
    });
    if (done || signal?.aborted === true || performance.now() >= until) {
      listener.stop();
      return done;
    }
    await listener.done;
  }
}

/** Waits for the plan. */
export async function waitForPlan(
  context: EngineContext,
  opId: string,
  waitMs: number,
  signal?: AbortSignal,
): Promise<boolean> {
  const planned = async (_reads: Reads, operation: Operation): Promise<boolean> => operation.state !== 'planning';
  return await waitForOperation(context, opId, waitMs, planned, signal);
}
