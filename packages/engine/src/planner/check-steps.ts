import type { PlannedStep, PlannerAction } from '@countersign/kernel';
import { accept, type Outcome, type PlannedActionView, refuse } from '@countersign/protocol';
import type { Caller } from '../context/actor.ts';
import type { EngineContext } from '../context/context.ts';
import { decideProposal, previewVerdict } from '../operation/decide-verdict.ts';
import { prepareOperation } from '../operation/prepare-operation.ts';
import { modelRequestId } from './model-mark.ts';

async function checkStep(
  context: EngineContext,
  caller: Caller,
  permitted: readonly PlannerAction[],
  { step, target: named, resolved }: PlannedStep,
  byModel: boolean,
): Promise<Outcome<PlannedActionView>> {
  const among = permitted.find(({ action }) => action.name === step.action);
  const target = among?.targets.find(({ name }) => name === named.name);
  if (among === undefined || target === undefined) {
    return refuse('E_AUTH_FORBIDDEN', `you may not do "${step.action}" on "${named.name}"`, {
      next: 'see `countersign policy explain`',
    });
  }
  const { name, project, environment, connector } = target;
  const prepared = await prepareOperation(context, caller, { target: name, project, environment }, [step]);
  if (!prepared.ok) return prepared;
  const { effect, risk } = among.action;
  const { verdict } = decideProposal(context, caller, effect === 'read' ? 'read' : 'propose', prepared.value);
  if (verdict.decision === 'deny') {
    return refuse('E_POLICY_DENIED', `${step.action} on ${name}: ${verdict.reason}`, {
      next: 'ask an administrator what your role may do',
    });
  }
  return accept({
    provider: connector,
    action: step.action,
    params: step.inputs,
    client_request_id: byModel ? modelRequestId(context) : context.ids.next(),
    target,
    resolved: resolved.map(({ field, said, meant, by }) => ({ field, said, meant, by })),
    effect,
    risk,
    verdict: effect === 'read' ? verdict : previewVerdict(context, caller, prepared.value, byModel),
  });
}

/**
 * Judges a planner's steps as proposals of this caller: each among what the caller may do, valid by its action's schema, and
 * not denied by policy with these very inputs. Touches nothing. The first that does not pass refuses them all, and is named.
 */
export async function checkSteps(
  context: EngineContext,
  caller: Caller,
  permitted: readonly PlannerAction[],
  steps: readonly PlannedStep[],
  byModel: boolean,
): Promise<Outcome<PlannedActionView[]>> {
  if (steps.length === 0) return refuse('E_VALIDATION', 'the planner named no step', { next: 'say it in other words' });
  const views: PlannedActionView[] = [];
  for (const step of steps) {
    const checked = await checkStep(context, caller, permitted, step, byModel);
    if (!checked.ok) return checked;
    views.push(checked.value);
  }
  return accept(views);
}
