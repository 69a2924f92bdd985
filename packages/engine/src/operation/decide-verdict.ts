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
import type { Obligation, Verdict } from '@countersign/protocol';
import { holdingApprovals } from '../approval/holding-approvals.ts';
import { holdingBreakGlass } from '../break-glass/holding-break-glass.ts';
import { type Caller, requesterOf } from '../context/actor.ts';
import type { EngineContext } from '../context/context.ts';
import type { PreparedOperation } from './prepare-operation.ts';

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
  prepared: Pick<PreparedOperation, 'target' | 'actions' | 'steps'>,
): { verdict: Verdict; digest: string } {
  return decideFor(context, requesterOf(caller.principal, prepared.target), phase, prepared);
}

/** May this requester, for whom a provider wrote the inputs, propose (or read) these actions? */
export function decideFor(
  context: EngineContext,
  requester: Requester,
  phase: 'propose' | 'read',
  { target, actions, steps }: Pick<PreparedOperation, 'target' | 'actions' | 'steps'>,
): { verdict: Verdict; digest: string } {
  return ask(context, {
    phase,
    principal: askedBy(requester),
    target,
    actions: actions.map(({ name, effect, risk }, index) => ({
      name,
      effect,
      risk,
      inputs: steps[index]?.inputs ?? {},
    })),
    planned: false,
    checksOk: null,
    approvals: [],
    aiProposed: requester.ai,
    ...anyTime,
  });
}

/** How a change would stand with a plan whose checks pass and no decision yet; `byModel` where a model wrote it. */
export function previewVerdict(
  context: EngineContext,
  caller: Caller,
  { target, actions, steps }: Pick<PreparedOperation, 'target' | 'actions' | 'steps'>,
  byModel: boolean,
): Verdict {
  const requester = requesterOf(caller.principal, target);
  const ai = requester.ai || byModel;
  return ask(context, {
    phase: 'run',
    principal: askedBy({ ...requester, ai }),
    target,
    actions: actions.map(({ name, effect, risk }, index) => ({
      name,
      effect,
      risk,
      inputs: steps[index]?.inputs ?? {},
    })),
    planned: true,
    checksOk: true,
    approvals: [],
    aiProposed: ai,
    ...anyTime,
  }).verdict;
}

/** May this caller's approval count on this operation at all? */
export function decideApprover(context: EngineContext, caller: Caller, operation: Operation): Verdict {
  return ask(context, {
    phase: 'approve',
    principal: askedBy(requesterOf(caller.principal, operation.target)),
    target: operation.target,
    actions: actionsOf(operation),
    planned: true,
    checksOk: null,
    approvals: [],
    aiProposed: operation.requester.ai,
    ...anyTime,
  }).verdict;
}

function actionsOf({ steps, effect, risk }: Operation): PolicyQuestion['actions'] {
  return steps.map(({ action, inputs }) => ({ name: action, effect, risk, inputs }));
}

/** Facts of this very moment, for the question whether something may run now. */
type MomentFacts = Pick<PolicyQuestion, 'frozen' | 'inWindow' | 'breakGlass'>;
/** Where it is not asked about now: a freeze that may be over by then hides nothing of what people have to do. */
const anyTime: MomentFacts = { frozen: false, inWindow: true, breakGlass: false };

async function momentOf(
  context: EngineContext,
  reads: Pick<Reads, 'keys' | 'freezes' | 'breakGlass'>,
  operation: Operation,
  digest: string,
  when: When,
): Promise<MomentFacts> {
  if (when === 'once_mended') return anyTime;
  const now = context.clock.now();
  const { target } = operation;
  const word = (await holdingBreakGlass(context, reads, operation, digest))?.statement;
  return {
    frozen: (await reads.freezes.at(target.project, target.environment, now)) !== null,
    inWindow: context.windows.isOpen(target, now),
    breakGlass: when === 'breaking_glass' || (word !== undefined && word.expires_at > now),
  };
}

function askRun(
  context: EngineContext,
  operation: Operation,
  plan: PlanRecord,
  approvals: readonly Approval[],
  checks: 'as_they_are' | 'once_mended',
  moment: MomentFacts,
): { verdict: Verdict; digest: string } {
  const blocked = plan.body === null || blockingChecks(plan.body.checks).length > 0;
  return ask(context, {
    phase: 'run',
    principal: askedBy(operation.requester),
    target: operation.target,
    actions: actionsOf(operation),
    planned: plan.state === 'ok',
    checksOk: checks === 'once_mended' || !blocked,
    approvals,
    aiProposed: operation.requester.ai,
    ...moment,
  });
}

/**
 * When a run would start: `now`; `breaking_glass`, now with a person who answers for it; or `once_mended`, once no check
 * fails any more, nothing is frozen and a window is open, so that each of these shows as what it is and not as a denial.
 */
export type When = 'now' | 'breaking_glass' | 'once_mended';

/** The verdict on a planned operation with the decisions recorded so far. */
export async function decideRun(
  context: EngineContext,
  reads: Pick<Reads, 'approvals' | 'keys' | 'freezes' | 'breakGlass'>,
  operation: Operation,
  plan: PlanRecord,
  when: When = 'once_mended',
): Promise<{ verdict: Verdict; digest: string }> {
  const digest = plan.digest ?? '';
  const live = liveApprovals(await reads.approvals.list(operation.id), digest, context.clock.now());
  const holding = await holdingApprovals(context, reads, operation, digest, live);
  const moment = await momentOf(context, reads, operation, digest, when);
  return askRun(context, operation, plan, holding, when === 'once_mended' ? when : 'as_they_are', moment);
}

/** What policy demands of a run before any decision is counted. */
export async function demanded(
  context: EngineContext,
  reads: Pick<Reads, 'keys' | 'freezes' | 'breakGlass'>,
  operation: Operation,
  plan: PlanRecord,
  when: Exclude<When, 'breaking_glass'>,
): Promise<readonly Obligation[]> {
  const moment = await momentOf(context, reads, operation, plan.digest ?? '', when);
  return askRun(context, operation, plan, [], when === 'now' ? 'as_they_are' : when, moment).verdict.obligations;
}

/** Today's verdict on a run that waited, with the approvals that its creation spent, and whether those stand as they were given. */
export async function decideStart(
  context: EngineContext,
  reads: Pick<Reads, 'approvals' | 'keys' | 'freezes' | 'breakGlass'>,
  operation: Operation,
  plan: PlanRecord,
  run: Run,
): Promise<{ verdict: Verdict; spent: 'whole' | 'changed' }> {
  const spent = (await reads.approvals.list(operation.id)).filter((approval) => approval.consumedByRun === run.id);
  const holding = await holdingApprovals(context, reads, operation, plan.digest ?? '', spent);
  // One that had expired when the run was created is spent with the others, but it allows nothing.
  const counted = holding.filter(({ statement }) => statement.expires_at > run.createdAt);
  const moment = await momentOf(context, reads, operation, plan.digest ?? '', 'now');
  const { verdict } = askRun(context, operation, plan, counted, 'as_they_are', moment);
  // What was spent is never voided by the product.
  const whole = holding.length === spent.length && spent.every(({ voidedAt }) => voidedAt === null);
  return { verdict, spent: whole ? 'whole' : 'changed' };
}
