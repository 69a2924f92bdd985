import type { Decider } from '@countersign/kernel';
import { decide, loadPolicySet, type PolicyProfile, readPolicyFiles } from '@countersign/policy';
import { CodedError } from '@countersign/protocol';

/** Loads the shipped policy set for a profile and answers the kernel's questions with it. Throws E_CONFIG with file, policy and line. */
export function policyDecider(profile: PolicyProfile): Decider {
  const loaded = loadPolicySet(readPolicyFiles(profile), profile, { validated: true });
  if (!loaded.ok) {
    throw new CodedError('E_CONFIG', loaded.message, {
      problems: loaded.problems.map(({ file, policyId, line, problem, expected }) => ({
        file,
        policy: policyId,
        line,
        problem,
        expected,
      })),
      next: 'mend the policies; nothing starts without them',
    });
  }
  const set = loaded.value;
  return {
    profile,
    version: set.version,
    decide: (question) =>
      decide(set, {
        phase: question.phase,
        principal: question.principal,
        target: question.target,
        steps: question.actions,
        planned: question.planned,
        checksOk: question.checksOk,
        approvals: question.approvals.map(({ statement }) => ({
          kind: statement.kind,
          state: 'valid',
          // The role was checked when the person signed; the statement stands for it.
          approver: {
            kind: 'person',
            role: statement.kind === 'approve' ? 'approver' : 'actions',
            root: statement.approver_root,
            ai: false,
          },
        })),
        steppedUp: false,
        aiProposed: question.principal.ai,
      }),
  };
}
