import { utf8 } from '@countersign/evidence';
import type { Checkpoint, EvidenceRecord } from '@countersign/kernel';
import { commit } from '../context/commit.ts';
import type { EngineContext } from '../context/context.ts';
import { renewalSetting } from '../key/hand-over.ts';
import { type KnownHashes, proveLeaf } from './anchor-bundle.ts';

const proofFile = 'tlog-proof';
const bundlesPerRound = 200;

async function renewOne(
  context: EngineContext,
  record: EvidenceRecord,
  checkpoint: Checkpoint,
  known: KnownHashes,
): Promise<void> {
  const renewed = await context.store.read(async (reads) => {
    const entry = record.auditEntryId === null ? null : await reads.audit.get(record.auditEntryId);
    if (entry?.leafIndex == null || entry.leafIndex >= checkpoint.treeSize) return null;
    const files = new Map((await reads.evidence.files(record.bundleId)).map((file) => [file.path, file.content]));
    const proof = utf8(await proveLeaf(context, reads, entry.leafIndex, checkpoint, known));
    return { files: new Map([...files, [proofFile, proof]]), proof };
  });
  if (renewed === null) return;
  if (record.folder !== null)
    await context.bundles.export(record.bundleId, record.sealedAt ?? 0, renewed.files, record.folder);
  await commit(context, 'anchor', (unit) =>
    unit.evidence.putFile(record.bundleId, { path: proofFile, content: renewed.proof }),
  );
}

/**
 * After a rotation: gives bundles that were anchored under an older key a proof to a checkpoint of the key in force. Only
 * the proof changes, which stands outside of the manifest. Goes on where it was stopped; answers how many it renewed.
 */
export async function renewProofs(context: EngineContext): Promise<number> {
  const { after, checkpoint, records } = await context.store.read(async (reads) => {
    const setting = await reads.settings.get(renewalSetting);
    if (typeof setting !== 'string') return { after: null, checkpoint: null, records: [] };
    return {
      after: setting,
      checkpoint: await reads.audit.latestCheckpoint(),
      records: await reads.evidence.inState(['anchored'], bundlesPerRound, setting),
    };
  });
  if (after === null || checkpoint === null) return 0;
  const known: KnownHashes = new Map();
  for (const record of records) await renewOne(context, record, checkpoint, known);
  const last = records.at(-1)?.bundleId ?? null;
  await commit(context, 'anchor', async (unit) => {
    if ((await unit.settings.get(renewalSetting)) === after) await unit.settings.set(renewalSetting, last);
  });
  return records.length;
}
