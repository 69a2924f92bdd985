import { verdictDigest } from '@countersign/evidence';
import {
  type Approval,
  blockingChecks,
  liveApprovals,
  type Operation,
  type PlanRecord,
  type PolicyQuestion,
  type Reads,
  type Requester,
  type Run,
} from '@countersign/kernel';
import type { ActionManifest, Verdict } from '@countersign/protocol';
import { holdingApprovals } from '../approval/holding-approvals.ts';
import { type Caller, requesterOf } from '../context/actor.ts';
import type { EngineContext } from '../context/context.ts';

function ask(context: EngineContext, question: PolicyQuestion): { verdict: Verdict; digest: string } {
  const verdict = context.decider.decide(question);
  return { verdict, digest: verdictDigest(verdict, context.sha256) };
}

function askedBy({ principal: id, name, kind, role, root, ai }: Requester): PolicyQuestion['principal'] {
  return { id, name, kind, role, root, ai };
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
    principal: askedBy(requesterOf(caller.principal, target)),
    target,
    actions: actions.map(({ name, effect, risk }) => ({ name, effect, risk })),
    planned: false,
    checksOk: null,
    approvals: [],
  });
}

function askRun(
  context: EngineContext,
  operation: Operation,
  plan: PlanRecord,
  approvals: readonly Approval[],
  when: 'now' | 'once_mended',
): { verdict: Verdict; digest: string } {
  const blocked = plan.body === null || blockingChecks(plan.body.checks).length > 0;
  return ask(context, {
    phase: 'run',
    principal: askedBy(operation.requester),
    target: operation.target,
    actions: operation.steps.map((step) => ({ name: step.action, effect: operation.effect, risk: operation.risk })),
    planned: plan.state === 'ok',
    checksOk: when === 'once_mended' || !blocked,
    approvals,
  });
}

/**
 * The verdict on a planned operation with the decisions recorded so far. `when: 'now'` is the question of a run's start;
 * `'once_mended'` leaves failing checks aside, so that they show as what they are and not as a denial.
 */
export async function decideRun(
  context: EngineContext,
  reads: Pick<Reads, 'approvals' | 'keys'>,
  operation: Operation,
  plan: PlanRecord,
  when: 'now' | 'once_mended' = 'once_mended',
): Promise<{ verdict: Verdict; digest: string }> {
  const digest = plan.digest ?? '';
  const live = liveApprovals(await reads.approvals.list(operation.id), digest, context.clock.now());
  return askRun(context, operation, plan, await holdingApprovals(context, reads, operation, digest, live), when);
}

/** Today's verdict on a run that waited, with the approvals that its creation spent, and whether those stand as they were given. */
export async function decideStart(
  context: EngineContext,
  reads: Pick<Reads, 'approvals' | 'keys'>,
  operation: Operation,
  plan: PlanRecord,
  run: Run,
): Promise<{ verdict: Verdict; spent: 'whole' | 'changed' }> {
  const spent = (await reads.approvals.list(operation.id)).filter((approval) => approval.consumedByRun === run.id);
  const holding = await holdingApprovals(context, reads, operation, plan.digest ?? '', spent);
  const { verdict } = askRun(context, operation, plan, holding, 'now');
  // What was spent is never voided by the product.
  const whole = holding.length === spent.length && spent.every(({ voidedAt }) => voidedAt === null);
  return { verdict, spent: whole ? 'whole' : 'changed' };
}
