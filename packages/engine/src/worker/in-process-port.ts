import type { Job, Unit } from '@countersign/kernel';
import {
  CodedError,
  type Fence,
  type HeartbeatAnswer,
  type OutputRequest,
  type WorkerPort,
} from '@countersign/protocol';
import { commit } from '../context/commit.ts';
import type { EngineContext } from '../context/context.ts';
import { panicIsOn } from '../setting/panic.ts';
import { emitOutput } from '../stream/operation-stream.ts';
import { assignedTargets } from '../target/assigned-targets.ts';
import { claimJob } from './claim-job.ts';
import { completeJob } from './complete-job.ts';
import { heldJob } from './held-job.ts';
import { recordIntent, recordOutcome } from './record-step.ts';
import { registerWorker } from './register-worker.ts';

/** Extends a lease by `leaseMs`; says whether to stop. Throws E_LEASE_LOST when it is gone. */
export async function heartbeat(
  context: EngineContext,
  fence: Fence,
  leaseMs: number = context.settings.leaseMs,
): Promise<HeartbeatAnswer> {
  return await commit(context, 'heartbeat', async (unit) => {
    const job = await heldJob(unit, fence);
    await unit.jobs.extend({ jobId: fence.job_id, fence: fence.fence, instance: fence.instance }, leaseMs);
    const run = job.kind === 'plan' ? null : await unit.runs.byOperation(job.subjectId);
    return { lease_ms: leaseMs, cancel: run?.state === 'cancelling', panic: await panicIsOn(unit) };
  });
}

/** What an earlier claim of the same operation said may be handed in late, by whoever holds it now. */
async function assertEarlier(unit: Unit, job: Job, held: Fence, of: Pick<Fence, 'job_id' | 'fence'>): Promise<void> {
  const told = of.job_id === job.id ? job : await unit.jobs.get(of.job_id);
  const last = of.job_id === job.id ? held.fence - 1 : (told?.fence ?? 0);
  if (told?.subjectId === job.subjectId && of.fence <= last) return;
  throw new CodedError('E_VALIDATION', 'no earlier claim of this operation has that job and fence', {
    field: 'request.of',
    next: 'leave it out for what is said under this lease',
  });
}

/** Appends to the stream of a run what its holder says, or kept of an earlier claim; what was stored before is left out. Throws E_LEASE_LOST when the lease is gone. */
export async function appendOutput(context: EngineContext, fence: Fence, request: OutputRequest): Promise<void> {
  await commit(context, 'output', async (unit) => {
    const job = await heldJob(unit, fence);
    if (request.of !== undefined) await assertEarlier(unit, job, fence, request.of);
    const { job_id: jobId, fence: number } = request.of ?? fence;
    const place = { writer: `${jobId} ${number}`, first: request.first };
    await emitOutput(context, unit, job.subjectId, place, request.events);
  });
}

/** The worker port in process; the HTTP lane calls the same functions. */
export function workerPort(context: EngineContext): WorkerPort {
  return {
    register: (request) => registerWorker(context, request),
    claim: (request, signal) => claimJob(context, request, signal),
    heartbeat: (fence) => heartbeat(context, fence),
    appendOutput: (fence, request) => appendOutput(context, fence, request),
    recordIntent: (fence, request) => recordIntent(context, fence, request),
    recordOutcome: (fence, request) => recordOutcome(context, fence, request),
    complete: (fence, request) => completeJob(context, fence, request),
    assigned: (request, signal) => assignedTargets(context, request, signal),
  };
}
