import { canonicalBytes, digestText } from '@countersign/evidence';
import { type AssignedAnswer, type AssignedRequest, JsonObject } from '@countersign/protocol';
import type { EngineContext } from '../context/context.ts';
import { targetsTopic } from '../context/wake-ups.ts';

const lookEveryMs = 1000;

async function assignedTo(context: EngineContext, worker: string): Promise<AssignedAnswer> {
  const { rows, lookAt } = await context.store.read(async (reads) => ({
    rows: await reads.targets.ofWorker(worker),
    lookAt: (await reads.targets.look(worker)).askedAt,
  }));
  const targets = rows.map(({ name, connector, settings }) => ({ name, connector, settings }));
  const version = digestText(context.sha256(canonicalBytes(JsonObject.parse({ targets, look_at: lookAt }))));
  return { version, look_at: lookAt, targets };
}

/** Long poll for what a worker is to serve beside its own file: answers once that is not what it knows, else after `wait_ms`. */
export async function assignedTargets(
  context: EngineContext,
  { worker, known, wait_ms: waitMs }: AssignedRequest,
  signal: AbortSignal,
): Promise<AssignedAnswer> {
  const until = performance.now() + waitMs;
  for (;;) {
    const left = until - performance.now();
    const listener = context.wake.listen(targetsTopic, Math.max(0, Math.min(lookEveryMs, left)), signal);
    const assigned = await assignedTo(context, worker);
    if (assigned.version !== known || left <= 0 || signal.aborted) {
      listener.stop();
      return assigned;
    }
    await listener.done;
  }
}
