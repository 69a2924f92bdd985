import { type Job, moveRun, type Operation, type Run, runEnded, stepInDoubt, type Unit } from '@countersign/kernel';
import type { Failure } from '@countersign/protocol';
import { operationSubject, recordAudit } from '../audit/record-audit.ts';
import { systemActor } from '../context/actor.ts';
import type { EngineContext } from '../context/context.ts';
import { jobsTopic } from '../context/wake-ups.ts';
import { isDispatch } from '../dispatch/agent-connector.ts';
import { failGeneration, stillWriting } from '../draft/end-generation.ts';
import { tellAfter } from '../meter/work-meter.ts';
import { recordPlan } from '../plan/record-plan.ts';
import { endRun, leaveUnknown } from '../run/end-run.ts';

const planAttempts = 3;

async function giveUpRun(context: EngineContext, unit: Unit, operation: Operation, run: Run): Promise<void> {
  const message = isDispatch(operation)
    ? 'the agent that was told what to do has not been heard since'
    : 'every worker that took this run was lost';
  const failure: Failure = { code: 'E_WORKER_UNAVAILABLE', message };
  const running = run.state === 'queued' ? moveRun(run, 'running') : run;
  const open = stepInDoubt(await unit.runs.steps(run.id));
  if (open === undefined)
    await endRun(context, unit, operation, running, { state: 'failed', failure, summary: null }, systemActor);
  else await leaveUnknown(context, unit, operation, running, open.index, failure, systemActor);
}

async function giveUp(context: EngineContext, unit: Unit, job: Job): Promise<void> {
  await unit.jobs.finish(job.id);
  if (job.kind === 'plan') {
    await recordPlan(context, unit, job, undefined, {
      error: { code: 'E_WORKER_UNAVAILABLE', message: 'every worker that planned this was lost' },
    });
    return;
  }
  if (job.kind === 'generate') {
    const writing = await stillWriting(unit, job.subjectId);
    const failure = { code: 'E_PROVIDER_CANCELLED', message: 'every server that asked the provider was lost' };
    if (writing !== null) await failGeneration(context, unit, writing, failure);
    return;
  }
  const operation = await unit.operations.lock(job.subjectId);
  const run = await unit.runs.byOperation(job.subjectId);
  if (operation !== null && run !== null && !runEnded(run.state)) await giveUpRun(context, unit, operation, run);
}

/** A run counts its own starts: a job that only waited for a busy target was claimed, but nothing was attempted. */
async function wasLastAttempt(context: EngineContext, unit: Unit, job: Job): Promise<boolean> {
  if (job.kind === 'reconcile' || job.kind === 'seal') return false;
  if (job.kind !== 'run') return job.attempt >= planAttempts;
  const run = await unit.runs.byOperation(job.subjectId);
  return run !== null && run.attempt >= context.settings.maxAttempts;
}

/** Whether an agent was told what to do and is gone: nobody else is told the same, because nobody knows what it did. */
async function wasHandedOver(unit: Unit, job: Job): Promise<boolean> {
  if (job.kind !== 'run') return false;
  const operation = await unit.operations.get(job.subjectId);
  if (operation === null || !isDispatch(operation)) return false;
  const run = await unit.runs.byOperation(job.subjectId);
  return run !== null && stepInDoubt(await unit.runs.steps(run.id)) !== undefined;
}

/** Takes a job back whose worker is gone: it is queued again, or given up after too many attempts. */
export async function takeBack(
  context: EngineContext,
  unit: Unit,
  job: Job,
  why: 'expired' | 'restarted',
): Promise<void> {
  const last = (await wasLastAttempt(context, unit, job)) || (await wasHandedOver(unit, job));
  if (last) await giveUp(context, unit, job);
  else await unit.jobs.requeue(job.id, job.kind === 'reconcile' ? 1000 : 0);
  await recordAudit(context, unit, {
    event: 'lease.expired',
    actor: systemActor,
    subject: operationSubject(job.subjectId),
    outcome: 'failed',
    correlationId: job.id,
    detail: { job: job.kind, worker: job.leaseWorker ?? '', attempt: job.attempt, why, given_up: last },
  });
  tellAfter(context, unit, { fact: 'taken_back', kind: job.kind, why, givenUp: last });
  unit.afterCommit(() => context.wake.notify(jobsTopic));
}
