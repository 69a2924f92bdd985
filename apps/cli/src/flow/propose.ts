import type { OperationView, PlannedBy, StepInput } from '@countersign/protocol';
import { type ProposalOptions, selectorOf } from '../command/proposal-options.ts';
import type { Context } from '../program/context.ts';
import { renderOperation } from '../render/operation.ts';
import { waitForPlan } from './wait-for-plan.ts';

// Longer than most plans take, shorter than a person's patience; after it the plan is asked for again and again.
const planWaitSeconds = 10;

/** Proposes steps on one target, waits for the plan and shows it. `plannedBy` where a planner made the steps of a sentence. */
export async function proposeSteps(
  context: Context,
  steps: readonly StepInput[],
  options: Pick<ProposalOptions, 'target' | 'project' | 'env' | 'note' | 'requestId'>,
  plannedBy?: PlannedBy,
): Promise<OperationView> {
  const body = {
    steps: [...steps],
    ...selectorOf(options),
    request_id: options.requestId ?? context.deps.randomId(),
    ...(options.note !== undefined && { note: options.note }),
    ...(plannedBy !== undefined && { planned_by: plannedBy }),
  };
  const proposed = await context.client.call('opsPlan', { body, preferWaitSeconds: planWaitSeconds });
  return showPlanned(context, proposed);
}

/** Waits for the plan of an operation and shows it. */
export async function showPlanned(context: Context, operation: OperationView): Promise<OperationView> {
  const planned = await waitForPlan(context, operation);
  context.print.shown(renderOperation(planned, context.print.colors));
  return planned;
}
