import { visibleLine } from '@countersign/evidence';
import type { PlannedActionView, PlanPromptView } from '@countersign/protocol';
import type { Context } from '../program/context.ts';
import { carryOut } from './carry-out.ts';
import { proposeSteps } from './propose.ts';
import { readAction } from './read-action.ts';

/** Actions that are one operation: one read, or changes of one target that follow each other. */
export function operationsOf(actions: readonly PlannedActionView[]): PlannedActionView[][] {
  const operations: PlannedActionView[][] = [];
  for (const action of actions) {
    const [before] = operations.at(-1) ?? [];
    const joins =
      before !== undefined &&
      before.effect !== 'read' &&
      action.effect !== 'read' &&
      before.target.name === action.target.name &&
      before.provider === action.provider;
    if (joins) operations.at(-1)?.push(action);
    else operations.push([action]);
  }
  return operations;
}

/** How a plan is carried out. */
export interface CarryOutPlanOptions {
  readonly yes: boolean;
  /** Why, for those who decide and for the evidence. */
  readonly note: string;
}

async function carryOutOne(
  context: Context,
  view: PlanPromptView,
  actions: readonly PlannedActionView[],
  { yes, note }: CarryOutPlanOptions,
): Promise<number> {
  const [first] = actions;
  if (first === undefined) return 0;
  const { name, project, environment } = first.target;
  if (first.effect === 'read') {
    const { action, params: inputs, client_request_id: requestId } = first;
    return await readAction(context, { action, inputs, request_id: requestId, target: name, project, environment });
  }
  const steps = actions.map(({ action, params }) => ({ action, inputs: params }));
  const options = { target: name, project, env: environment, requestId: first.client_request_id, note };
  const operation = await proposeSteps(context, steps, options, view.planned_by);
  return await carryOut(context, operation, { command: 'ask', yes, detach: false });
}

/**
 * Carries out a plan that was shown, one operation after the other: reads at once, changes as `do` does it. The first that does
 * not come to its end stops what follows, which is told. Answers its exit code.
 */
export async function carryOutPlan(
  context: Context,
  view: PlanPromptView,
  options: CarryOutPlanOptions,
): Promise<number> {
  const operations = operationsOf(view.plan.actions);
  for (const [index, actions] of operations.entries()) {
    const exit = await carryOutOne(context, view, actions, options);
    if (exit === 0) continue;
    for (const left of operations.slice(index + 1).flat()) {
      context.print.note(`not proposed: ${visibleLine(left.action)} on ${visibleLine(left.target.name)}`);
    }
    return exit;
  }
  return 0;
}
