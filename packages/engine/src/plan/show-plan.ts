import type { Operation, PlanRecord } from '@countersign/kernel';
import { operationSubject, recordAudit } from '../audit/record-audit.ts';
import { actorOf, type Caller } from '../context/actor.ts';
import { commit } from '../context/commit.ts';
import type { EngineContext } from '../context/context.ts';

/** Notes, once for each digest, that this principal was shown this plan. Who was never shown a plan cannot decide on it. */
export async function showPlan(
  context: EngineContext,
  caller: Caller,
  operation: Operation,
  plan: PlanRecord | null,
): Promise<void> {
  if (plan?.digest == null) return;
  const { digest, revision } = plan;
  const shown = await context.store.read((reads) => reads.plans.shownTo(operation.id, caller.principal.id));
  if (shown?.digest === digest && shown.revision === revision) return;
  await commit(context, 'show', async (unit) => {
    const fresh = await unit.plans.markShown({
      operationId: operation.id,
      principal: caller.principal.id,
      revision,
      digest,
      shownAt: context.clock.now(),
    });
    if (!fresh) return;
    await recordAudit(context, unit, {
      event: 'plan.shown',
      actor: actorOf(caller.principal),
      subject: operationSubject(operation.id),
      outcome: 'ok',
      correlationId: caller.correlationId,
      detail: { digest, revision },
    });
  });
}
