import type { StatefulAuthorizationCall } from '@cedar-policy/cedar-wasm/nodejs';
import type { PolicySet } from '../load/policy-set.ts';
import type { StepVerdict } from './decide-step.ts';

/** How many answers are kept for a set; an entry is about 1.5 KB. */
export const keptVerdicts = 2048;

const verdictsBySet = new WeakMap<PolicySet, Map<string, StepVerdict>>();

/**
 * A set's verdict on a call, computed once. Sound because a set never changes and a verdict depends on nothing but set and
 * call, which whole is the key; worth it because the same requester asks about the same target again and again.
 */
export function verdictOf(set: PolicySet, call: StatefulAuthorizationCall, compute: () => StepVerdict): StepVerdict {
  const verdicts = verdictsBySet.get(set) ?? new Map<string, StepVerdict>();
  verdictsBySet.set(set, verdicts);
  const key = JSON.stringify(call);
  const known = verdicts.get(key);
  if (known !== undefined) return known;
  const verdict = compute();
  const [oldest] = verdicts.size < keptVerdicts ? [] : verdicts.keys();
  if (oldest !== undefined) verdicts.delete(oldest);
  verdicts.set(key, verdict);
  return verdict;
}
