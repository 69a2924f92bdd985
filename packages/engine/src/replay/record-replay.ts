import type { Operation, Run, Unit } from '@countersign/kernel';
import { type ReplayInputs, ReplayReport } from '@countersign/protocol';
import { operationSubject, recordAudit } from '../audit/record-audit.ts';
import type { Actor } from '../context/actor.ts';
import type { EngineContext } from '../context/context.ts';

/** The audit entry of a replay that has ended: who asked, how it was done, and whether it came out the same. */
export async function recordReplay(
  context: EngineContext,
  unit: Unit,
  replay: Pick<Operation, 'id' | 'target' | 'requester' | 'correlationId'>,
  { bundle_id, op_id }: ReplayInputs,
  end: Pick<Run, 'failure' | 'summary'>,
  actor: Actor,
): Promise<void> {
  const report = ReplayReport.safeParse(end.summary).data;
  const matches = report?.matches ?? null;
  const { project, environment, tier, name } = replay.target;
  await recordAudit(context, unit, {
    event: 'evidence.replayed',
    actor,
    subject: operationSubject(op_id),
    outcome: end.failure === null && matches !== false ? 'ok' : 'failed',
    correlationId: replay.correlationId,
    detail: {
      bundle_id,
      replay_id: replay.id,
      target: name,
      project,
      environment,
      tier,
      requester: replay.requester.name,
      mode: report?.mode ?? null,
      matches: end.failure?.code === 'E_VERIFY' ? false : matches,
      equal: report?.equal ?? 0,
      unequal: report?.unequal ?? 0,
      ...(end.failure === null ? {} : { code: end.failure.code, message: end.failure.message }),
    },
  });
}
