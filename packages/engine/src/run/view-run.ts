import type { Artifact, Reads, Run, Step } from '@countersign/kernel';
import { type RunView, runIdOf, type StepView } from '@countersign/protocol';

/** A step as faces and bundles show it. */
export function viewStep(step: Step): StepView {
  return {
    index: step.index,
    action: step.action,
    state: step.state,
    before: step.before,
    after: step.after,
    failure: step.failure,
    intent_at: step.intentAt,
    ended_at: step.endedAt,
  };
}

function viewArtifact(artifact: Artifact): RunView['artifacts'][number] {
  return {
    artifact_id: artifact.id,
    name: artifact.name,
    media_type: artifact.mediaType,
    size_bytes: artifact.sizeBytes,
    sha256: artifact.sha256,
    truncated: artifact.truncated,
  };
}

/** A run as faces show it. */
export async function viewRun(reads: Reads, run: Run): Promise<RunView> {
  return {
    run_id: runIdOf(run.id),
    op_id: run.operationId,
    state: run.state,
    attempt: run.attempt,
    created_at: run.createdAt,
    started_at: run.startedAt,
    ended_at: run.endedAt,
    cancel_requested: run.cancelRequestedAt !== null,
    steps: (await reads.runs.steps(run.id)).map(viewStep),
    summary: run.summary,
    failure: run.failure,
    artifacts: (await reads.runs.artifacts(run.id)).map(viewArtifact),
  };
}
