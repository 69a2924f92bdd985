import { planDigest } from '@countersign/evidence';
import {
  closeOperation,
  type Job,
  moveOperation,
  type Operation,
  type PlanRecord,
  type Unit,
  withDiffCheck,
} from '@countersign/kernel';
import type { ConnectorManifest, PlanBody, PlanError, PlannedContent } from '@countersign/protocol';
import { announceWaiting } from '../approval/announce-waiting.ts';
import { operationSubject, placeOf, recordAudit } from '../audit/record-audit.ts';
import { systemActor, workerActor } from '../context/actor.ts';
import type { EngineContext } from '../context/context.ts';
import { elapsedMs, labelsOf, tellAfter } from '../meter/work-meter.ts';
import { decideRun } from '../operation/decide-verdict.ts';
import { startByItself } from '../run/create-run.ts';
import { emit } from '../stream/operation-stream.ts';

function tellPlanned(
  context: EngineContext,
  unit: Unit,
  operation: Operation,
  outcome: 'made' | 'failed' | 'denied',
): void {
  const tookMs = elapsedMs(operation.updatedAt, context.clock.now());
  tellAfter(context, unit, { fact: 'planned', ...labelsOf(operation), outcome, tookMs });
  if (outcome === 'denied') tellAfter(context, unit, { fact: 'refused', ...labelsOf(operation), phase: 'plan' });
}

/** Which operation was planned, and by which worker; null for the server itself. */
type PlanSource = Pick<Job, 'subjectId' | 'leaseWorker'>;

function bodyOf(operation: Operation, planned: PlannedContent, manifest: ConnectorManifest): PlanBody {
  return {
    schema: 'countersign.plan.v1',
    target: { ...operation.target, identity: planned.identity },
    steps: operation.steps.map((step, index) => {
      const action = manifest.actions.find((known) => known.name === step.action);
      return {
        index,
        action: step.action,
        version: action?.version ?? 1,
        replay: action?.replay ?? 'none',
        inputs: step.inputs,
      };
    }),
    preconditions: planned.preconditions,
    diffs: planned.diffs,
    checks: withDiffCheck(operation.steps.length, planned.diffs, planned.checks),
    rollback: planned.rollback,
    connector: { name: manifest.connector, version: manifest.version, manifest_hash: manifest.hash },
  };
}

async function recordFailure(
  context: EngineContext,
  unit: Unit,
  job: PlanSource,
  operation: Operation,
  error: PlanError,
): Promise<void> {
  const now = context.clock.now();
  const revision = operation.revision + 1;
  await unit.plans.insert({
    operationId: operation.id,
    revision,
    state: 'error',
    digest: null,
    body: null,
    volatile: [],
    error,
    worker: job.leaseWorker ?? 'system',
    createdAt: now,
  });
  await unit.approvals.void(operation.id, null, now);
  await unit.operations.save(closeOperation({ ...operation, revision }, 'failed', now));
  await unit.sealed.delete(operation.id);
  await recordAudit(context, unit, {
    event: 'plan.failed',
    actor: job.leaseWorker === null ? systemActor : workerActor(job.leaseWorker),
    subject: operationSubject(operation.id),
    outcome: 'failed',
    correlationId: operation.correlationId,
    detail: { code: error.code, message: error.message, revision },
  });
  await emit(context, unit, operation.id, [
    { type: 'state', subject: 'operation', state: 'plan_failed', detail: { code: error.code, message: error.message } },
    { type: 'end', state: 'plan_failed' },
  ]);
  tellPlanned(context, unit, operation, 'failed');
}

/** Records what was planned: the immutable revision, its digest, and the verdict. */
export async function recordPlan(
  context: EngineContext,
  unit: Unit,
  job: PlanSource,
  manifest: ConnectorManifest | undefined,
  result: PlannedContent | { error: PlanError },
): Promise<void> {
  const operation = await unit.operations.lock(job.subjectId);
  if (operation === null || operation.state !== 'planning') return;
  if ('error' in result) return await recordFailure(context, unit, job, operation, result.error);
  if (manifest === undefined) {
    const error = { code: 'E_WORKER_UNAVAILABLE', message: 'the worker that planned this is gone' };
    return await recordFailure(context, unit, job, operation, error);
  }
  const now = context.clock.now();
  const body = bodyOf(operation, result, manifest);
  const plan: PlanRecord = {
    operationId: operation.id,
    revision: operation.revision + 1,
    state: 'ok',
    digest: planDigest(body, context.sha256),
    body,
    volatile: result.volatile,
    error: null,
    worker: job.leaseWorker ?? 'system',
    createdAt: now,
  };
  await unit.plans.insert(plan);
  await unit.approvals.void(operation.id, plan.digest, now);
  const { verdict, digest } = await decideRun(context, unit, operation, plan);
  const planned = moveOperation(operation, 'planned', {
    revision: plan.revision,
    verdict,
    verdictDigest: digest,
    updatedAt: now,
  });
  const denied = verdict.decision === 'deny';
  await unit.operations.save(denied ? closeOperation(planned, 'denied', now) : planned);
  if (denied) await unit.sealed.delete(operation.id);
  await recordAudit(context, unit, {
    event: 'plan.made',
    actor: job.leaseWorker === null ? systemActor : workerActor(job.leaseWorker),
    subject: operationSubject(operation.id),
    outcome: 'ok',
    correlationId: operation.correlationId,
    detail: {
      digest: plan.digest,
      revision: plan.revision,
      decision: verdict.decision,
      policies: verdict.policies.map((policy) => policy.id),
      policy_set: verdict.policy_set,
    },
  });
  await announceWaiting(context, unit, operation, plan, verdict);
  if (denied) {
    await recordAudit(context, unit, {
      event: 'operation.denied',
      actor: systemActor,
      subject: operationSubject(operation.id),
      outcome: 'refused',
      correlationId: operation.correlationId,
      detail: { ...placeOf(operation), reason: verdict.reason, policies: verdict.policies.map((policy) => policy.id) },
    });
  }
  await emit(context, unit, operation.id, [
    {
      type: 'state',
      subject: 'operation',
      state: denied ? 'denied' : 'planned',
      detail: { revision: plan.revision, digest: plan.digest },
    },
    ...(denied ? [{ type: 'end' as const, state: 'denied' }] : []),
  ]);
  tellPlanned(context, unit, operation, denied ? 'denied' : 'made');
  await startByItself(context, unit, planned, plan, systemActor, operation.correlationId);
}
