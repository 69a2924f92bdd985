import { type StatefulAuthorizationCall, statefulIsAuthorized } from '@cedar-policy/cedar-wasm/nodejs';
import type { Obligation, Verdict } from '@countersign/protocol';
import { type CedarQuestion, cedarCall, unknownWord, withObligationsMet } from './cedar-request.ts';
import { joinObligations } from './obligations.ts';
import type { StepFacts } from './question.ts';
import { verdictOf } from './step-verdicts.ts';

/** Policy's answer for one step; `policyIds` name those that decided it, in order. */
export interface StepVerdict {
  readonly decision: Verdict['decision'];
  readonly policyIds: readonly string[];
  readonly obligations: readonly Obligation[];
  readonly reason: string;
}

/** Decides one step. Whatever could not be evaluated denies: Cedar skips an erring forbid, which would open. */
export function decideStep(question: CedarQuestion, step: StepFacts): StepVerdict {
  const call = cedarCall(question, step);
  return verdictOf(question.set, call, () => compute(question, step, call));
}

function compute(question: CedarQuestion, step: StepFacts, call: StatefulAuthorizationCall): StepVerdict {
  const unknown = unknownWord(question, step);
  if (unknown !== null) return deny([], `does not fit the policy schema, which knows no ${unknown}`);
  const answer = statefulIsAuthorized(call);
  if (answer.type === 'failure') {
    return deny([], `could not be asked about (${answer.errors.map((e) => e.message).join('; ')})`);
  }
  const { errors, reason } = answer.response.diagnostics;
  if (errors.length > 0) {
    const told = errors.map(({ policyId, error }) => `${policyId} (${error.message})`).sort();
    const erring = errors.map(({ policyId }) => policyId).sort();
    return deny(erring, `meets a policy that could not be evaluated: ${told.join('; ')}`);
  }
  const deciding = [...reason].sort();
  if (answer.response.decision === 'allow') {
    return {
      decision: 'allow',
      policyIds: deciding,
      obligations: [],
      reason: `is permitted by ${deciding.join(', ')}`,
    };
  }
  if (deciding.length === 0) return deny([], 'is permitted by no policy');
  return decideForbidden(question, step, deciding);
}

function decideForbidden(question: CedarQuestion, step: StepFacts, deciding: readonly string[]): StepVerdict {
  const bare = deciding.filter((id) => !question.set.policies.get(id)?.obligation);
  if (bare.length > 0) return deny(deciding, `is forbidden by ${bare.join(', ')}`);
  const obligations = joinObligations(deciding.flatMap((id) => question.set.policies.get(id)?.obligation ?? []));
  const met = statefulIsAuthorized(cedarCall(withObligationsMet(question, obligations), step));
  const opens =
    met.type === 'success' && met.response.decision === 'allow' && met.response.diagnostics.errors.length === 0;
  // Nobody is asked to approve what would be denied all the same.
  if (!opens) return deny(deciding, `is permitted by no policy, even if ${deciding.join(', ')} were satisfied`);
  return { decision: 'needs', policyIds: deciding, obligations, reason: `is held by ${deciding.join(', ')}` };
}

function deny(policyIds: readonly string[], reason: string): StepVerdict {
  return { decision: 'deny', policyIds, obligations: [], reason };
}
