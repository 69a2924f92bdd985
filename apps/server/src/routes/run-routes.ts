import { type EngineContext, readArtifact, readRun } from '@countersign/engine';
import { CodedError } from '@countersign/protocol';
import { ok, unwrap } from '../http/handler.ts';
import type { Handlers } from './handlers.ts';

/** Handlers of runs and the files they keep. */
export function runRoutes(context: EngineContext): Pick<Handlers, 'runGet' | 'artifact'> {
  return {
    runGet: async ({ caller, params }) =>
      ok(unwrap(await context.store.read((reads) => readRun(reads, caller, params.run_id)))),
    async artifact({ caller, params, reply }) {
      const artifact = unwrap(await context.store.read((reads) => readArtifact(reads, caller, params.artifact_id)));
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
