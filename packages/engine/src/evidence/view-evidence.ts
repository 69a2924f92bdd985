import { accept, type EvidenceView, type Outcome, refuse } from '@countersign/protocol';
import type { Caller } from '../context/actor.ts';
import type { EngineContext } from '../context/context.ts';
import { readTrust } from '../key/read-trust.ts';
import { findOperation } from '../operation/find-operation.ts';

/** A bundle with every file, for whoever verifies it offline. */
export async function viewEvidence(
  context: EngineContext,
  caller: Caller,
  bundleId: string,
): Promise<Outcome<EvidenceView>> {
  const found = await context.store.read(async (reads) => {
    const record = await reads.evidence.get(bundleId);
    if (record === null || !(await findOperation(reads, caller, record.operationId, 'viewer')).ok) return null;
    const trust = await readTrust(reads, context.settings.installation);
    return { record, files: await reads.evidence.files(bundleId), trust };
  });
  if (found === null) {
    return refuse('E_NOT_FOUND', `there is no bundle ${bundleId} that you may see`, {
      next: 'a bundle exists once its operation has started',
    });
  }
  const { record, files, trust } = found;
  return accept({
    bundle_id: record.bundleId,
    op_id: record.operationId,
    state: record.state,
    folder: record.folder,
    files: files.map(({ path, content }) => ({ path, content_base64: Buffer.from(content).toString('base64') })),
    trust,
  });
}
