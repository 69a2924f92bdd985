import type { ActionManifest, JsonObject, Principal, TargetRef } from '@countersign/protocol';
import type { RecordedApproval } from '../approvals/count-quorum.ts';

/** What is asked: may it be proposed, may it run (now, with the recorded approvals), may it be read, may this person approve it. */
export type Phase = 'propose' | 'run' | 'read' | 'approve';

/** What policy knows of a step: its action as the connector announced it, never as a model described it, and its inputs without secrets. */
export interface StepFacts extends Pick<ActionManifest, 'name' | 'effect' | 'risk'> {
  readonly inputs: JsonObject;
}

/** Who is asked about. */
export type Asker = Pick<Principal, 'id' | 'name' | 'kind' | 'role' | 'root' | 'ai'>;

/** One question to policy, about all steps of one operation. */
export interface Question {
  readonly phase: Phase;
  /** The requester, whoever starts the run; for `approve` whoever wants to approve. */
  readonly principal: Asker;
  readonly target: TargetRef;
  readonly steps: readonly StepFacts[];
  /** Whether there is a current plan without an error. */
  readonly planned: boolean;
  /** Whether that plan's checks let it run; null while none was made. */
  readonly checksOk: boolean | null;
  /** Decisions recorded on the current plan's digest. */
  readonly approvals: readonly RecordedApproval[];
  /** Whether an AI wrote the proposal, whoever stands as its requester. */
  readonly aiProposed: boolean;
  /** Whether the target's environment is frozen now. */
  readonly frozen: boolean;
  /** Whether changes are allowed at this time. */
  readonly inWindow: boolean;
  /** Whether a person answers for doing it now all the same. */
  readonly breakGlass: boolean;
}
