import { ApiError, type Client } from '@countersign/client';
import { CodedError, type EvidenceView, Uuid } from '@countersign/protocol';
import { findOperationId } from '../connection/find-operation.ts';

async function byBundleId(client: Client, bundleId: string): Promise<EvidenceView | null> {
  try {
    return await client.call('evidence', { params: { bundle_id: bundleId } });
  } catch (error) {
    if (error instanceof ApiError && error.code === 'E_NOT_FOUND') return null;
    throw error;
  }
}

/** The bundle with this id, or of the operation with this id or prefix. E_STATE while it is not sealed yet. */
export async function fetchBundle(client: Client, reference: string): Promise<EvidenceView> {
  const direct = Uuid.safeParse(reference).success ? await byBundleId(client, reference) : null;
  const evidence = direct ?? (await ofOperation(client, reference));
  if (evidence.state === 'sealed' || evidence.state === 'anchored') return evidence;
  const next = `countersign show ${evidence.op_id}`;
  throw new CodedError('E_STATE', 'the bundle is not sealed yet: its operation has not come to its end', { next });
}

async function ofOperation(client: Client, reference: string): Promise<EvidenceView> {
  const operation = await client.call('opsGet', { params: { op_id: await findOperationId(client, reference) } });
  return client.call('evidence', { params: { bundle_id: operation.bundle_id } });
}
