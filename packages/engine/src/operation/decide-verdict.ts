import { verdictDigest } from '@countersign/evidence';
import {
  blockingChecks,
  liveApprovals,
  type Operation,
  type PlanRecord,
  type PolicyQuestion,
  type Reads,
} from '@countersign/kernel';
import type { ActionManifest, Verdict } from '@countersign/protocol';
import type { Caller } from '../context/actor.ts';
import type { EngineContext } from '../context/context.ts';

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
    checksOk: null,
    approvals: [],
  });
}

/**
 * The verdict on a planned operation with the decisions recorded so far. `when: 'now'` is the question of a run's start;
 * `'once_mended'` leaves failing checks aside, so that they show as what they are and not as a denial.
 */
export async function decideRun(
  context: EngineContext,
  reads: Pick<Reads, 'approvals'>,
  operation: Operation,
  plan: PlanRecord,
  when: 'now' | 'once_mended' = 'once_mended',
): Promise<{ verdict: Verdict; digest: string }> {
  const blocked = plan.body === null || blockingChecks(plan.body.checks).length > 0;
  return ask(context, {
    phase: 'run',
    principal: { ...operation.requester, id: operation.requester.principal },
    target: operation.target,
    actions: operation.steps.map((step) => ({ name: step.action, effect: operation.effect, risk: operation.risk })),
    planned: plan.state === 'ok',
    checksOk: when === 'once_mended' || !blocked,
    approvals: liveApprovals(await reads.approvals.list(operation.id), plan.digest ?? '', context.clock.now()),
  });
}
