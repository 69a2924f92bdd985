import { type EngineContext, viewRun } from '@countersign/engine';
import { CodedError, uuidOfRunId } from '@countersign/protocol';
import { ok } from '../http/handler.ts';
import type { Handlers } from './handlers.ts';

/** Handlers of runs and the files they keep. */
export function runRoutes(context: EngineContext): Pick<Handlers, 'runGet' | 'artifact'> {
  return {
    async runGet({ params }) {
      const id = uuidOfRunId(params.run_id);
      const view = await context.store.read(async (reads) => {
        const run = id === null ? null : await reads.runs.get(id);
        return run === null ? null : await viewRun(reads, run);
      });
      if (view === null)
        throw new CodedError('E_NOT_FOUND', `there is no run ${params.run_id} that you may see`, {
          next: 'a run id reads r_<ulid>',
        });
      return ok(view);
    },
    async artifact({ params, reply }) {
      const artifact = await context.store.read((reads) => reads.runs.artifact(params.artifact_id));
      if (artifact === null) {
        throw new CodedError('E_NOT_FOUND', `there is no artifact ${params.artifact_id} that you may see`, {
          next: 'see the run for its artifacts',
        });
      }
      const bytes = await context.artifacts.get(artifact.sha256);
      const kept = await context.store.read((reads) => reads.retention.content('artifact', artifact.id));
      if (bytes === null || (kept !== null && kept.removedAt !== null)) {
        throw new CodedError('E_GONE', `the artifact ${params.artifact_id} is no longer kept`, {
          sha256: artifact.sha256,
          size_bytes: artifact.sizeBytes,
          removed_at: kept?.removedAt ?? null,
          next: 'run the read again; whoever kept a copy can prove it by the digest',
        });
      }
      reply.header('content-type', artifact.mediaType);
      reply.header('content-disposition', `attachment; filename="${artifact.name.replaceAll(/[^\w.-]/g, '_')}"`);
      reply.header('x-content-type-options', 'nosniff');
      return ok(Buffer.from(bytes));
    },
  };
}
