import { verdictDigest } from '@countersign/evidence';
import {
  approvalFacts,
  liveApprovals,
  type Operation,
  type PlanRecord,
  type PolicyQuestion,
  type Unit,
} from '@countersign/kernel';
import type { ActionManifest, Verdict } from '@countersign/protocol';
import type { Caller } from '../context/actor.ts';
import type { EngineContext } from '../context/context.ts';

type Actions = PolicyQuestion['actions'];

function ask(context: EngineContext, question: PolicyQuestion): { verdict: Verdict; digest: string } {
  const verdict = context.decider.decide(question);
  return { verdict, digest: verdictDigest(verdict, context.sha256) };
}

/** May this caller propose (or read) these actions on this target at all? */
export function decideProposal(
  context: EngineContext,
  caller: Caller,
  phase: 'propose' | 'read',
  target: Operation['target'],
  actions: readonly ActionManifest[],
): { verdict: Verdict; digest: string } {
  return ask(context, {
    phase,
    principal: caller.principal,
    target,
    actions: actions.map(({ name, effect, risk }) => ({ name, effect, risk })),
    planned: false,
    confirmed: false,
    approvals: 0,
  });
}

/** The verdict on a planned operation with the decisions recorded so far. */
export async function decideRun(
  context: EngineContext,
  unit: Pick<Unit, 'approvals'>,
  operation: Operation,
  plan: PlanRecord,
): Promise<{ verdict: Verdict; digest: string }> {
  const approvals = liveApprovals(await unit.approvals.list(operation.id), plan.digest ?? '', context.clock.now());
  const facts = approvalFacts(approvals, operation.requester, context.decider.profile);
  const actions: Actions = operation.steps.map((step) => ({
    name: step.action,
    effect: operation.effect,
    risk: operation.risk,
  }));
  return ask(context, {
    phase: 'run',
    principal: { ...operation.requester, id: operation.requester.principal },
    target: operation.target,
    actions,
    planned: plan.state === 'ok',
    ...facts,
  });
}
