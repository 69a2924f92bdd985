import { replayRecordOf, verifyBundle } from '@countersign/evidence';
import { nodeVerifyCrypto } from '@countersign/evidence/node';
import type { EvidenceFile, Reads } from '@countersign/kernel';
import type { ReplayRecord, VerifyReport } from '@countersign/protocol';
import type { EngineContext } from '../context/context.ts';
import { readTrust } from '../key/read-trust.ts';

function byPath(files: readonly EvidenceFile[]): Map<string, Uint8Array> {
  return new Map(files.map(({ path, content }) => [path, content]));
}

/** What a sealed bundle records, from its files alone; null where one cannot be read. */
export function recordOfFiles(files: readonly EvidenceFile[]): ReplayRecord | null {
  return replayRecordOf(byPath(files));
}

/** What a bundle records, as the database has it. */
export async function bundleRecord(reads: Pick<Reads, 'evidence'>, bundleId: string): Promise<ReplayRecord | null> {
  return recordOfFiles(await reads.evidence.files(bundleId));
}

/** Verifies a bundle with the installation's own keys: signatures, hashes, and the digest derived from the plan. */
export async function verifyFiles(context: EngineContext, files: readonly EvidenceFile[]): Promise<VerifyReport> {
  const trust = await context.store.read((reads) => readTrust(reads, context.settings.installation));
  return await verifyBundle(byPath(files), trust, nodeVerifyCrypto);
}
