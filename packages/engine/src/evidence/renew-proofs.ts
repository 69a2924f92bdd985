import { utf8 } from '@countersign/evidence';
import type { Checkpoint, EvidenceRecord } from '@countersign/kernel';
import { type Json, JsonObject } from '@countersign/protocol';
import { commit } from '../context/commit.ts';
import type { EngineContext } from '../context/context.ts';
import { renewalSetting } from '../key/hand-over.ts';
import { type KnownHashes, proveLeaf } from './anchor-bundle.ts';

interface Renewal {
  readonly keyid: string;
  readonly after: string;
}

function renewalOf(setting: Json | undefined): Renewal | null {
  const { keyid, after } = JsonObject.safeParse(setting).data ?? {};
  return typeof keyid === 'string' && typeof after === 'string' ? { keyid, after } : null;
}

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
  const due = await context.store.read(async (reads) => {
    const renewal = renewalOf(await reads.settings.get(renewalSetting));
    const checkpoint = await reads.audit.latestCheckpoint();
    if (renewal === null || checkpoint === null) return null;
    return { renewal, checkpoint, records: await reads.evidence.inState(['anchored'], bundlesPerRound, renewal.after) };
  });
  if (due === null) return 0;
  const { renewal, checkpoint, records } = due;
  const known: KnownHashes = new Map();
  for (const record of records) await renewOne(context, record, checkpoint, known);
  const last = records.at(-1)?.bundleId ?? null;
  await commit(context, 'anchor', async (unit) => {
    const now = renewalOf(await unit.settings.get(renewalSetting));
    // Another rotation meanwhile begins anew: what was renewed here may lead to a key that has just retired.
    if (now?.keyid !== renewal.keyid || now.after !== renewal.after) return;
    await unit.settings.set(renewalSetting, last === null ? null : { ...renewal, after: last });
  });
  return records.length;
}
