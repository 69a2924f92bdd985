import type { Operation, Unit } from '@countersign/kernel';
import type { Verdict } from '@countersign/protocol';
import { operationSubject, placeOf, recordAudit } from '../audit/record-audit.ts';
import { systemActor } from '../context/actor.ts';
import type { EngineContext } from '../context/context.ts';

/** Says in the audit that a plan waits for people, where its verdict does: webhooks carry it to them. */
export async function announceWaiting(
  context: EngineContext,
  unit: Unit,
  operation: Operation,
  plan: { readonly digest: string | null; readonly revision: number },
  verdict: Verdict,
): Promise<void> {
  if (verdict.decision !== 'needs') return;
  await recordAudit(context, unit, {
    event: 'approval.wanted',
    actor: systemActor,
    subject: operationSubject(operation.id),
    outcome: 'ok',
    correlationId: operation.correlationId,
    detail: {
      ...placeOf(operation),
      target: operation.target.name,
      risk: operation.risk,
      requester: operation.requester.name,
      ai: operation.requester.ai,
      digest: plan.digest,
      revision: plan.revision,
      obligations: verdict.obligations,
    },
  });
}
