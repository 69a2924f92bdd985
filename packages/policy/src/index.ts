export { countQuorum, type Quorum, type RecordedApproval } from './approvals/count-quorum.ts';
export { decide } from './decide/decide.ts';
export type { Asker, Phase, Question, StepFacts } from './decide/question.ts';
export { questionOf } from './decide/question-of.ts';
export { explainVerdict } from './explain/explain-verdict.ts';
export { loadPolicySet, releasePolicySet } from './load/load-policy-set.ts';
export type {
  LoadedPolicy,
  PolicyFile,
  PolicyLoadOutcome,
  PolicyLoadRefusal,
  PolicyProblem,
  PolicyProfile,
  PolicySet,
} from './load/policy-set.ts';
export { policySetVersion } from './load/policy-set-version.ts';
export { readPolicyFiles, shippedPolicies } from './load/read-policy-files.ts';
