import type { Effect, JsonObject, PrincipalKind, Risk, Role, TargetRef, Verdict } from '@countersign/protocol';
import type { Approval } from '../approval/approval.ts';
import type { PolicyProfile } from '../approval/approval-rules.ts';

/** What policy is asked. */
export interface PolicyQuestion {
  readonly phase: 'propose' | 'read' | 'run' | 'approve';
  /** The requester: what an AI proposed stays proposed by an AI, whoever starts it. For `approve` whoever wants to approve. */
  readonly principal: {
    readonly id: string;
    readonly name: string;
    readonly kind: PrincipalKind;
    readonly role: Role;
    readonly root: string;
    readonly ai: boolean;
  };
  readonly target: TargetRef;
  readonly actions: readonly {
    readonly name: string;
    readonly effect: Effect;
    readonly risk: Risk;
    /** Its secrets are sealed. */
    readonly inputs: JsonObject;
  }[];
  readonly planned: boolean;
  /** Whether no failing check blocks; null while there is no plan. */
  readonly checksOk: boolean | null;
  /** Live decisions on exactly the current digest; policy counts its quorum from them in code. */
  readonly approvals: readonly Approval[];
  /** Whether an AI wrote what is asked about. */
  readonly aiProposed: boolean;
  /** Told where it is asked whether something may run now; before, nothing is frozen and every time will do. */
  readonly frozen: boolean;
  readonly inWindow: boolean;
  /** Whether a person answers for running it now all the same. */
  readonly breakGlass: boolean;
}

/** Policy, loaded and ready. Deterministic and synchronous; an error inside is a deny. */
export interface Decider {
  readonly profile: PolicyProfile;
  readonly version: string;
  decide(question: PolicyQuestion): Verdict;
}
