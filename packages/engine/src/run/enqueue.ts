import type { JobKind, Operation, Unit } from '@countersign/kernel';
import type { Json } from '@countersign/protocol';
import type { EngineContext } from '../context/context.ts';
import { generateTopic, jobsTopic, sealTopic } from '../context/wake-ups.ts';
import { addressee, dispatchQueue, isDispatch } from '../dispatch/agent-connector.ts';

/** Where a job waits to be claimed: at its target, or where the agent that it is for asks. */
function queueOf(operation: Operation): string {
  const { target, steps, requester } = operation;
  return isDispatch(operation) ? dispatchQueue(target.name, addressee(steps), requester.root) : target.name;
}

function topicOf(kind: JobKind): string {
  if (kind === 'seal') return sealTopic;
  return kind === 'generate' ? generateTopic : jobsTopic;
}

/** Adds a job for an operation in the unit of the change, and wakes the workers after the commit. */
export async function enqueue(
  context: EngineContext,
  unit: Unit,
  job: { kind: JobKind; operation: Operation; delayMs?: number; payload?: Json },
): Promise<void> {
  const now = context.clock.now();
  await unit.jobs.insert({
    id: context.ids.next(),
    kind: job.kind,
    subjectId: job.operation.id,
    target: queueOf(job.operation),
    state: 'queued',
    attempt: 0,
    // A run that goes on after a doubt has a second job: its fences go on rising.
    fence: job.kind === 'run' ? await unit.jobs.lastFence(job.operation.id, 'run') : 0,
    leaseWorker: null,
    leaseInstance: null,
    leaseExpiresAt: null,
    runAfter: now + (job.delayMs ?? 0),
    payload: job.payload ?? null,
    createdAt: now,
  });
  unit.afterCommit(() => context.wake.notify(topicOf(job.kind)));
}
