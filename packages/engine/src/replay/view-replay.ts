import { runEnded } from '@countersign/kernel';
import { accept, type Outcome, planReplay, ReplayReport, type ReplayView, refuse } from '@countersign/protocol';
import type { Caller } from '../context/actor.ts';
import type { EngineContext } from '../context/context.ts';
import { findOperation } from '../operation/find-operation.ts';
import { recordOfFiles, verifyFiles } from './bundle-record.ts';
import { replayedBy } from './replay-operation.ts';

/** A replay as faces show it. The bundle is verified again each time: it costs milliseconds and needs no trust in a note. */
export async function viewReplay(
  context: EngineContext,
  caller: Caller,
  replayId: string,
): Promise<Outcome<ReplayView>> {
  const found = await context.store.read(async (reads) => {
    const seen = await findOperation(reads, caller, replayId, 'viewer');
    const operation = seen.ok ? seen.value : null;
    const inputs = operation === null ? null : replayedBy(operation);
    const run = inputs === null ? null : await reads.runs.byOperation(replayId);
    if (operation === null || inputs === null || run === null) return null;
    return { operation, inputs, run, files: await reads.evidence.files(inputs.bundle_id) };
  });
  if (found === null) {
    return refuse('E_NOT_FOUND', `there is no replay ${replayId} that you may see`, {
      next: 'ask for one: POST /v1/evidence/{bundle_id}/replay',
    });
  }
  const { operation, inputs, run, files } = found;
  const { state } = await verifyFiles(context, files);
  const record = recordOfFiles(files);
  const report = ReplayReport.safeParse(run.summary).data ?? null;
  const verifies = state === 'pass' || state === 'unknown';
  return accept({
    replay_id: operation.id,
    ...inputs,
    target: operation.target.name,
    status: !runEnded(run.state) ? 'running' : run.state === 'succeeded' ? 'done' : 'failed',
    verification: state,
    mode: record === null ? 'none' : planReplay(record.plan),
    matches: verifies ? (report?.matches ?? null) : false,
    report,
    failure: run.failure,
    requested_at: operation.createdAt,
    ended_at: run.endedAt,
  });
}
