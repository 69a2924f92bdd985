import type { JobKind } from '@countersign/kernel';
import type { Effect } from '@countersign/protocol';

/** What work is about, in words of the configuration and the manifests alone. */
export interface WorkLabels {
  readonly connector: string;
  /** The action of all its steps; `several` where they differ. */
  readonly action: string;
}

interface Claimed {
  readonly fact: 'claimed';
  readonly kind: JobKind;
  readonly connector: string;
  /** Since the job was made; null where it was claimed before and lost. */
  readonly waitedMs: number | null;
}
interface TakenBack {
  readonly fact: 'taken_back';
  readonly kind: JobKind;
  readonly why: 'expired' | 'restarted';
  readonly givenUp: boolean;
}
interface Planned extends WorkLabels {
  readonly fact: 'planned';
  readonly outcome: 'made' | 'failed' | 'denied';
  /** Since it was asked for, waiting included. */
  readonly tookMs: number;
}
interface Refused extends WorkLabels {
  readonly fact: 'refused';
  readonly phase: 'propose' | 'read' | 'plan';
}
interface Decided {
  readonly fact: 'decided';
  readonly connector: string;
  /** From the plan to the run. */
  readonly tookMs: number;
}
interface Doubted extends WorkLabels {
  readonly fact: 'doubted';
}
interface Ended extends WorkLabels {
  readonly fact: 'ended';
  readonly effect: Effect;
  readonly outcome: 'succeeded' | 'failed' | 'stale' | 'cancelled';
  /** Since its first start; null where it never began. */
  readonly tookMs: number | null;
}
interface StepEnded extends WorkLabels {
  readonly fact: 'step_ended';
  readonly outcome: 'verified' | 'failed' | 'unknown';
  /** Since the intent; null where there was none. */
  readonly tookMs: number | null;
}
interface Said {
  readonly fact: 'said';
  readonly events: number;
  readonly truncated: number;
}
interface Kept {
  readonly fact: 'kept';
  readonly truncated: boolean;
}
interface Transacted {
  readonly fact: 'transacted';
  readonly outcome: 'committed' | 'failed';
  readonly units: number;
  readonly retries: number;
  readonly durationMs: number;
}

/** One thing that this process did and that is durable; durations in milliseconds. */
export type WorkFact =
  | Claimed
  | TakenBack
  | Planned
  | Refused
  | Decided
  | Doubted
  | Ended
  | StepEnded
  | Said
  | Kept
  | Transacted;
