import type { Effect, PrincipalKind, Risk, Role, TargetRef, Verdict } from '@countersign/protocol';
import type { PolicyProfile } from '../approval/approval-rules.ts';

/** What policy is asked. `planned`, `confirmed` and `approvals` are facts counted in code. */
export interface PolicyQuestion {
  readonly phase: 'propose' | 'read' | 'run';
  /** The requester: what an AI proposed stays proposed by an AI, whoever starts it. */
  readonly principal: {
    readonly id: string;
    readonly kind: PrincipalKind;
    readonly role: Role;
    readonly root: string;
    readonly ai: boolean;
  };
  readonly target: TargetRef;
  readonly actions: readonly { readonly name: string; readonly effect: Effect; readonly risk: Risk }[];
  readonly planned: boolean;
  readonly confirmed: boolean;
  /** Distinct roots that approved, counted by `approvalFacts`. */
  readonly approvals: number;
}

/** Policy, loaded and ready. Deterministic and synchronous; an error inside is a deny. */
export interface Decider {
  readonly profile: PolicyProfile;
  readonly version: string;
  decide(question: PolicyQuestion): Verdict;
}
