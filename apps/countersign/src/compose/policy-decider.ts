import type { Decider } from '@countersign/kernel';
import {
  decide,
  loadPolicySet,
  type PolicyFile,
  type PolicyProfile,
  type PolicySet,
  policySetVersion,
  readPolicyFiles,
} from '@countersign/policy';
import { CodedError } from '@countersign/protocol';

/** A decider whose policies are parsed when they are first asked, or by `warm`. */
export interface PolicyDecider extends Decider {
  /** Parses the policies; throws E_CONFIG with file, policy and line. */
  warm(): void;
}

function parse(files: readonly PolicyFile[], profile: PolicyProfile): PolicySet {
  const loaded = loadPolicySet(files, profile, { validated: true });
  if (loaded.ok) return loaded.value;
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

/**
 * Answers the kernel's questions with the policy set that is shipped for a profile. Parsing it takes a third of a start,
 * so a server listens first; until it is parsed nothing is decided, and one that cannot be parsed decides nothing.
 */
export function policyDecider(profile: PolicyProfile): PolicyDecider {
  const files = readPolicyFiles(profile);
  let parsed: PolicySet | undefined;
  const set = (): PolicySet => {
    parsed ??= parse(files, profile);
    return parsed;
  };
  return {
    profile,
    version: policySetVersion(files.map(({ text }) => text)),
    warm: () => void set(),
    decide: (question) =>
      decide(set(), {
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
