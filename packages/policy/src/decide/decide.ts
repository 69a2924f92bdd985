import type { DecidingPolicy, Obligation, Verdict } from '@countersign/protocol';
import { plainStanding, type Standing, standingFor } from '../approvals/standing.ts';
import type { PolicySet } from '../load/policy-set.ts';
import { cedarQuestion } from './cedar-request.ts';
import { decideStep, type StepVerdict } from './decide-step.ts';
import { describeObligation, joinObligations } from './obligations.ts';
import type { Question, StepFacts } from './question.ts';

const strictness = { allow: 0, needs: 1, deny: 2 } as const satisfies Record<Verdict['decision'], number>;

interface NamedVerdict extends StepVerdict {
  readonly action: string;
}

/**
 * Decides a question: the strictest verdict over all steps, with the policies that decided it sorted by id. `needs` joins
 * the obligations of all steps (the largest approval count, in all and not what is still missing); any evaluation error,
 * no permitting policy and no step at all are `deny`. The same set and question always answer the same.
 */
export function decide(set: PolicySet, question: Question): Verdict {
  const verdicts = stepVerdicts(set, question, plainStanding(question.principal.root, question.approvals, set.profile));
  const wanted = wantsMore(set, question) ? openObligations(verdicts) : [];
  if (!wanted.some(isSpecial)) return joined(set, verdicts);
  const standing = standingFor(wanted, question.principal.root, question.approvals, set.profile);
  return joined(set, stepVerdicts(set, question, standing));
}

/** Whether decisions may count for groups, or only after a step-up: what is wanted must be known before they are counted. */
function wantsMore(set: PolicySet, { approvals }: Question): boolean {
  return approvals.length > 0 && [...set.policies.values()].some(({ obligation }) => isSpecial(obligation));
}

function isSpecial(obligation: Obligation | null): boolean {
  if (obligation === null || obligation.kind === 'confirm') return false;
  return obligation.kind === 'step_up' || obligation.group !== undefined;
}

function openObligations(verdicts: readonly NamedVerdict[]): Obligation[] {
  return verdicts.some(({ decision }) => decision === 'deny') ? [] : verdicts.flatMap(({ obligations }) => obligations);
}

function stepVerdicts(set: PolicySet, question: Question, standing: Standing): NamedVerdict[] {
  const asked = cedarQuestion(set, question, standing);
  return distinct(question.steps).map((step) => ({ action: step.name, ...decideStep(asked, step) }));
}

function joined(set: PolicySet, verdicts: readonly NamedVerdict[]): Verdict {
  const worst = Math.max(...verdicts.map(({ decision }) => strictness[decision]));
  const strictest = verdicts.filter(({ decision }) => strictness[decision] === worst);
  const [first] = strictest;
  if (first === undefined) return verdict(set, 'deny', [], 'Denied: there is no step to decide about.');
  if (first.decision === 'deny') return verdict(set, 'deny', strictest, `Denied: ${reasons(strictest)}.`);
  if (first.decision === 'allow') return verdict(set, 'allow', strictest, `Allowed: ${reasons(strictest)}.`);
  const wanted = joinObligations(strictest.flatMap(({ obligations }) => obligations));
  const words = wanted.map((obligation) => describeObligation(obligation, set.profile)).join(' and ');
  return verdict(set, 'needs', strictest, `Needs ${words}: ${reasons(strictest)}.`);
}

function distinct(steps: readonly StepFacts[]): StepFacts[] {
  return [
    ...new Map(steps.map((step) => [JSON.stringify([step.name, step.effect, step.risk, step.inputs]), step])).values(),
  ];
}

function reasons(verdicts: readonly NamedVerdict[]): string {
  return verdicts.map(({ action, reason }) => `${action} ${reason}`).join('; ');
}

function verdict(
  set: PolicySet,
  decision: Verdict['decision'],
  verdicts: readonly NamedVerdict[],
  reason: string,
): Verdict {
  return {
    decision,
    obligations: joinObligations(verdicts.flatMap(({ obligations }) => obligations)),
    policies: decidingPolicies(
      set,
      verdicts.flatMap(({ policyIds }) => policyIds),
    ),
    policy_set: set.version,
    profile: set.profile,
    reason,
  };
}

function decidingPolicies(set: PolicySet, ids: readonly string[]): DecidingPolicy[] {
  return [...new Set(ids)].sort().flatMap((id) => {
    const policy = set.policies.get(id);
    return policy === undefined ? [] : [{ id, text: policy.text, effect: policy.effect }];
  });
}
