import type { Operation, Unit } from '@countersign/kernel';
import type { EngineContext } from '../context/context.ts';
import { isDispatch, planDispatch } from '../dispatch/agent-connector.ts';
import { enqueue } from '../run/enqueue.ts';
import { recordPlan } from './record-plan.ts';

/** Has an operation planned: by a worker that sees its target, or at once by the server where the target is its own. */
export async function beginPlan(context: EngineContext, unit: Unit, operation: Operation): Promise<void> {
  if (!isDispatch(operation)) {
    await enqueue(context, unit, { kind: 'plan', operation });
    return;
  }
  const source = { subjectId: operation.id, leaseWorker: null };
  await recordPlan(
    context,
    unit,
    source,
    context.catalogue.builtIn(operation.target.connector),
    planDispatch(operation),
  );
}
