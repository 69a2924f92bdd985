import type { ActionManifest, Principal, TargetRef } from '@countersign/protocol';
import type { RecordedApproval } from '../approvals/count-quorum.ts';

/** What is asked: may it be proposed, may it run (now, with the recorded approvals), may it be read. */
export type Phase = 'propose' | 'run' | 'read';

/** What policy knows of a step: its action as the connector announced it, never as a model described it. */
export type StepFacts = Pick<ActionManifest, 'name' | 'effect' | 'risk'>;

/** One question to policy, about all steps of one operation. `principal` is its requester, whoever starts the run. */
export interface Question {
  readonly phase: Phase;
  /** With the role that it has at the target. */
  readonly principal: Pick<Principal, 'id' | 'name' | 'kind' | 'role' | 'root' | 'ai'>;
  readonly target: TargetRef;
  readonly steps: readonly StepFacts[];
  /** Whether there is a current plan without an error. */
  readonly planned: boolean;
  /** Whether that plan's checks let it run; null while none was made. */
  readonly checksOk: boolean | null;
  /** Decisions recorded on the current plan's digest. */
  readonly approvals: readonly RecordedApproval[];
  /** Whether the requester has freshly proven who they are. */
  readonly steppedUp: boolean;
  /** Whether an AI wrote the proposal, whoever stands as its requester. */
  readonly aiProposed: boolean;
}
