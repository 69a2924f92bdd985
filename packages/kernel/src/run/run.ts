import type { Failure, Json, JsonObject, Obligation, RunState, StepState, Verdict } from '@countersign/protocol';

/** One execution of one approved plan (or of a read). Ids are UUIDv7; faces spell them `r_<ulid>`. */
export interface Run {
  readonly id: string;
  readonly operationId: string;
  readonly state: RunState;
  readonly planDigest: string | null;
  /** The verdict at run start, for the bundle. */
  readonly verdict: Verdict | null;
  readonly verdictDigest: string | null;
  /** What policy demanded at run start before any decision was counted, for the bundle; null for a read. */
  readonly demanded: readonly Obligation[] | null;
  readonly attempt: number;
  readonly cancelRequestedAt: number | null;
  readonly failure: Failure | null;
  readonly summary: JsonObject | null;
  readonly createdAt: number;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
}

export interface Step {
  readonly runId: string;
  readonly index: number;
  readonly action: string;
  readonly state: StepState;
  readonly idempotencyKey: string;
  readonly before: Json;
  /** Guard recorded with the intent. */
  readonly guard: Json;
  readonly after: Json;
  /** Guard that the step left for the next. */
  readonly nextGuard: Json;
  readonly failure: Failure | null;
  readonly intentAt: number | null;
  readonly endedAt: number | null;
}

export interface Artifact {
  readonly id: string;
  readonly runId: string;
  readonly name: string;
  readonly mediaType: string;
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly truncated: boolean;
  readonly createdAt: number;
}

/** Runs of one target that are not over, in one state. */
export interface OpenRuns {
  readonly state: RunState;
  readonly target: string;
  readonly count: number;
  /** When the oldest was made, in epoch ms. */
  readonly oldestAt: number;
}

export interface RunReads {
  get(id: string): Promise<Run | null>;
  byOperation(operationId: string): Promise<Run | null>;
  steps(runId: string): Promise<Step[]>;
  artifacts(runId: string): Promise<Artifact[]>;
  artifact(id: string): Promise<Artifact | null>;
  /** Runs that are not over, by state and target; costs as much as is open. */
  open(): Promise<OpenRuns[]>;
}
export interface RunWrites extends RunReads {
  /** Fails the unit when the operation has a run already (one run per operation is a unique key). */
  insert(run: Run, steps: readonly Step[]): Promise<void>;
  lock(id: string): Promise<Run | null>;
  save(run: Run): Promise<void>;
  saveStep(step: Step): Promise<void>;
  addArtifact(artifact: Artifact): Promise<void>;
}
