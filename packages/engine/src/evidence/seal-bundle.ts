import { type BundleInput, buildBundle, sealBundle } from '@countersign/evidence';
import { type Operation, type Reads, type Run, runEnded } from '@countersign/kernel';
import { type Replay, runIdOf } from '@countersign/protocol';
import { operationSubject, recordAudit } from '../audit/record-audit.ts';
import { holdingBreakGlass } from '../break-glass/holding-break-glass.ts';
import { systemActor } from '../context/actor.ts';
import { commit } from '../context/commit.ts';
import type { EngineContext } from '../context/context.ts';
import { holdSigner } from '../key/hand-over.ts';
import { viewStep } from '../run/view-run.ts';
import { bundleLog } from './bundle-log.ts';

async function bundleInput(context: EngineContext, reads: Reads, operation: Operation, run: Run): Promise<BundleInput> {
  const plan = await reads.plans.get(operation.id, operation.revision);
  if (plan?.body == null || run.verdict === null) throw new Error('an executed operation has a plan and a verdict');
  const { body } = plan;
  const steps = await reads.runs.steps(run.id);
  // One that had expired when the run was created is spent with the others, but it allowed nothing.
  const approvals = (await reads.approvals.list(operation.id)).filter(
    ({ consumedByRun, statement }) => consumedByRun === run.id && statement.expires_at > run.createdAt,
  );
  const broken = await holdingBreakGlass(context, reads, operation, run.planDigest ?? '');
  const replayOf = (index: number): Replay => body.steps[index]?.replay ?? 'none';
  return {
    bundleId: operation.bundleId,
    opId: operation.id,
    installation: context.settings.installation,
    plan: body,
    verdict: run.verdict,
    signedVerdicts: approvals.map((approval) => approval.verdict),
    approvals: approvals.map(({ statement, envelope }) => ({ statement, envelope })),
    breakGlass: broken,
    demanded: run.demanded,
    run: {
      schema: 'countersign.run.v1',
      op_id: operation.id,
      run_id: runIdOf(run.id),
      requester: { name: operation.requester.name, root: operation.requester.root, ai: operation.requester.ai },
      state: run.state,
      steps: steps.map((step) => ({ ...viewStep(step), replay: replayOf(step.index) })),
      failure: run.failure,
      summary: run.summary,
      created_at: run.createdAt,
      started_at: run.startedAt,
      ended_at: run.endedAt,
    },
    log: await bundleLog(reads, operation.id),
  };
}

/** Seals the bundle of an ended run: files, signature and audit entry in one unit. Sealing again gives the same bytes. */
export async function sealOperation(context: EngineContext, operationId: string, jobId: string): Promise<void> {
  const input = await context.store.read(async (reads) => {
    const operation = await reads.operations.get(operationId);
    const run = await reads.runs.byOperation(operationId);
    const record = await reads.evidence.byOperation(operationId);
    if (operation === null || run === null || record === null || !runEnded(run.state)) return null;
    if (record.state !== 'open' && record.state !== 'sealing') return null;
    return { operation, content: await bundleInput(context, reads, operation, run) };
  });
  if (input === null) return await commit(context, 'seal', (unit) => unit.jobs.finish(jobId));
  const sealed = sealBundle(buildBundle(input.content, context.sha256), context.keys.signer, context.sha256);
  const { bundleId } = input.operation;
  await commit(context, 'seal', async (unit) => {
    const operation = await unit.operations.lock(operationId);
    await unit.jobs.finish(jobId);
    const record = await unit.evidence.get(bundleId);
    if (operation === null || record === null || (record.state !== 'open' && record.state !== 'sealing')) return;
    // A key that gives way seals nothing more; the job comes back when its lease has run out.
    if (!(await holdSigner(context, unit))) throw new Error('the signing key is being rotated');
    for (const [path, content] of sealed.files) await unit.evidence.putFile(bundleId, { path, content });
    const auditEntryId = await recordAudit(context, unit, {
      event: 'evidence.sealed',
      actor: systemActor,
      subject: operationSubject(operationId),
      outcome: 'ok',
      correlationId: operation.correlationId,
      detail: { ...sealed.auditDetail },
    });
    await unit.evidence.save({
      ...record,
      state: 'sealed',
      manifestHash: sealed.auditDetail.manifest_sha256,
      auditEntryId,
      sealedAt: context.clock.now(),
    });
    await unit.sealed.delete(operationId);
  });
}
