import { blockingChecks, type Operation, type PlanRecord, type Run, type Step, type Unit } from '@countersign/kernel';
import { operationSubject, recordAudit } from '../audit/record-audit.ts';
import type { Actor } from '../context/actor.ts';
import type { EngineContext } from '../context/context.ts';
import { elapsedMs, tellAfter } from '../meter/work-meter.ts';
import { decideRun, demanded } from '../operation/decide-verdict.ts';
import { panicIsOn } from '../setting/panic.ts';
import { emit } from '../stream/operation-stream.ts';
import { enqueue } from './enqueue.ts';

/** Rows of a new run and its pending steps. */
export function newRun(
  context: EngineContext,
  operation: Operation,
  planDigest: string | null,
): { run: Run; steps: Step[] } {
  const run: Run = {
    id: context.ids.next(),
    operationId: operation.id,
    state: 'queued',
    planDigest,
    verdict: null,
    verdictDigest: null,
    demanded: null,
    attempt: 0,
    cancelRequestedAt: null,
    failure: null,
    summary: null,
    createdAt: context.clock.now(),
    startedAt: null,
    endedAt: null,
  };
  const steps = operation.steps.map(
    (step, index): Step => ({
      runId: run.id,
      index,
      action: step.action,
      state: 'pending',
      idempotencyKey: `${run.id}.${index}`,
      before: null,
      guard: null,
      after: null,
      nextGuard: null,
      failure: null,
      intentAt: null,
      endedAt: null,
    }),
  );
  return { run, steps };
}

/** Whether an operation wants to start without being asked, policy allows it and no check blocks it. */
function wantsToStart(operation: Operation, plan: PlanRecord): boolean {
  if (operation.start !== 'when_allowed' || operation.verdict?.decision !== 'allow') return false;
  return plan.body !== null && blockingChecks(plan.body.checks).length === 0;
}

/**
 * Creates the run of an operation that starts without being asked. What becomes ready during panic or a freeze, or outside
 * of the change windows, is held, and its stream says so: their end sets nothing loose that was not under way, so it waits
 * for somebody's word.
 */
export async function startByItself(
  context: EngineContext,
  unit: Unit,
  operation: Operation,
  plan: PlanRecord,
  actor: Actor,
  correlationId: string,
): Promise<void> {
  if (!wantsToStart(operation, plan)) return;
  const panic = await panicIsOn(unit);
  const allowed = (await decideRun(context, unit, operation, plan, 'now')).verdict.decision === 'allow';
  if (!panic && allowed) {
    await createRun(context, unit, operation, plan, actor, correlationId);
    return;
  }
  const next = `${panic ? 'once panic is lifted' : 'once changes are allowed there'}: countersign start ${operation.id}`;
  const detail = { code: panic ? 'E_PANIC' : 'E_POLICY_DENIED', next };
  await emit(context, unit, operation.id, [{ type: 'state', subject: 'operation', state: 'held', detail }]);
}

/** Creates the one run of an approved operation; its approvals are spent by this. The caller has decided that it may run. */
export async function createRun(
  context: EngineContext,
  unit: Unit,
  operation: Operation,
  plan: PlanRecord,
  actor: Actor,
  correlationId: string,
): Promise<Run> {
  const { verdict, digest } = await decideRun(context, unit, operation, plan, 'now');
  if (verdict.decision !== 'allow' || plan.digest === null) throw new Error('a run needs an allowed plan');
  const { run, steps } = newRun(context, operation, plan.digest);
  const obligations = await demanded(context, unit, operation, plan, 'now');
  const decided: Run = { ...run, verdict, verdictDigest: digest, demanded: obligations };
  await unit.runs.insert(decided, steps);
  await unit.approvals.consume(operation.id, run.id);
  await unit.evidence.insert({
    bundleId: operation.bundleId,
    operationId: operation.id,
    state: 'open',
    manifestHash: null,
    auditEntryId: null,
    folder: null,
    sealedAt: null,
  });
  await enqueue(context, unit, { kind: 'run', operation });
  await recordAudit(context, unit, {
    event: 'run.queued',
    actor,
    subject: operationSubject(operation.id),
    outcome: 'ok',
    correlationId,
    detail: {
      run_id: run.id,
      digest: plan.digest,
      bundle_id: operation.bundleId,
      verdict_digest: digest,
      demanded: [...obligations],
    },
  });
  await emit(context, unit, operation.id, [{ type: 'state', subject: 'run', state: 'queued' }]);
  const tookMs = elapsedMs(plan.createdAt, run.createdAt);
  tellAfter(context, unit, { fact: 'decided', connector: operation.target.connector, tookMs });
  return decided;
}
