import { policyToJson } from '@cedar-policy/cedar-wasm/nodejs';
import type { DecidingPolicy, Verdict } from '@countersign/protocol';
import { describeObligation } from '../decide/obligations.ts';

/**
 * Tells a verdict in plain sentences, one a line: the decision, then what each deciding policy says by its `@reason`. Reads
 * the policies' texts in the verdict itself, so a verdict stays explainable after its policy set was replaced.
 */
export function explainVerdict(verdict: Verdict): string {
  const lines = [headline(verdict), ...verdict.policies.map((policy) => `- ${policy.id}: ${reasonOf(policy)}`)];
  if (verdict.policies.length === 0) lines.push(`- ${verdict.reason}`);
  if (verdict.profile === 'solo') lines.push("Decided in the solo profile: the requester's own approval counts.");
  return lines.join('\n');
}

function headline(verdict: Verdict): string {
  if (verdict.decision === 'allow') return 'Policy allows this.';
  if (verdict.decision === 'deny') return 'Policy denies this.';
  const wanted = verdict.obligations.map((obligation) => describeObligation(obligation, verdict.profile));
  return `Policy needs ${wanted.join(' and ')}.`;
}

function reasonOf(policy: DecidingPolicy): string {
  const answer = policyToJson(policy.text);
  const reason = answer.type === 'success' ? (answer.json.annotations?.reason ?? '') : '';
  if (reason !== '') return reason;
  return policy.effect === 'permit' ? 'This policy permits it.' : 'This policy forbids it.';
}
