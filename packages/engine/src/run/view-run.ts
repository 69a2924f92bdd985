import type { Artifact, Reads, Run, Step } from '@countersign/kernel';
import { accept, type Outcome, type RunView, refuse, runIdOf, type StepView, uuidOfRunId } from '@countersign/protocol';
import type { Caller } from '../context/actor.ts';
import { findOperation } from '../operation/find-operation.ts';

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

/** One run, by its id as it is spelled, for a caller who sees its operation. */
export async function readRun(reads: Reads, caller: Caller, runId: string): Promise<Outcome<RunView>> {
  const id = uuidOfRunId(runId);
  const run = id === null ? null : await reads.runs.get(id);
  if (run !== null && (await findOperation(reads, caller, run.operationId, 'viewer')).ok) {
    return accept(await viewRun(reads, run));
  }
  return refuse('E_NOT_FOUND', `there is no run ${runId} that you may see`, { next: 'a run id reads r_<ulid>' });
}

/** The record of a file that a run keeps, for a caller who sees its operation. */
export async function readArtifact(reads: Reads, caller: Caller, artifactId: string): Promise<Outcome<Artifact>> {
  const artifact = await reads.runs.artifact(artifactId);
  const run = artifact === null ? null : await reads.runs.get(artifact.runId);
  const seen = run !== null && (await findOperation(reads, caller, run.operationId, 'viewer')).ok;
  if (artifact !== null && seen) return accept(artifact);
  return refuse('E_NOT_FOUND', `there is no artifact ${artifactId} that you may see`, {
    next: 'see the run for its artifacts',
  });
}
