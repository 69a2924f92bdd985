import {
  anchorBundle,
  formatTlogProof,
  fromHex,
  inclusionProof,
  type NodeReader,
  tiledReader,
} from '@countersign/evidence';
import type { Checkpoint, EvidenceRecord, Reads } from '@countersign/kernel';
import { commit } from '../context/commit.ts';
import type { EngineContext } from '../context/context.ts';

async function storedHashes(reads: Reads, level: number, first: number, count: number): Promise<Uint8Array[]> {
  if (level === 0) return (await reads.audit.leafHashes(first, first + count)).map(fromHex);
  return (await reads.audit.tiles(level / 8, first, first + count)).map(fromHex);
}

/** Hashes of complete subtrees of any level, from the leaves and the tiles that are stored. */
export function treeReader(context: EngineContext, reads: Reads): NodeReader {
  return tiledReader((level, first, count) => storedHashes(reads, level, first, count), context.sha256);
}

/** Hashes of complete subtrees by level and index: they never change, and neighbouring leaves share most of theirs. */
export type KnownHashes = Map<string, Uint8Array>;

/** The proof that a leaf is in the tree of a checkpoint, as C2SP tlog-proof text. */
export async function proveLeaf(
  context: EngineContext,
  reads: Reads,
  leafIndex: number,
  checkpoint: Checkpoint,
  known: KnownHashes = new Map(),
): Promise<string> {
  const stored = treeReader(context, reads);
  const reader: NodeReader = async (level, index) => {
    const place = `${level}/${index}`;
    const hash = known.get(place) ?? (await stored(level, index));
    known.set(place, hash);
    return hash;
  };
  const hashes = await inclusionProof(leafIndex, checkpoint.treeSize, reader, context.sha256);
  return formatTlogProof({ index: leafIndex, hashes, checkpoint: checkpoint.note, extra: null });
}

async function anchorOne(
  context: EngineContext,
  record: EvidenceRecord,
  checkpoint: Checkpoint,
  known: KnownHashes,
): Promise<void> {
  const anchored = await context.store.read(async (reads) => {
    const entry = record.auditEntryId === null ? null : await reads.audit.get(record.auditEntryId);
    if (entry?.leafIndex == null || entry.leafIndex >= checkpoint.treeSize) return null;
    const files = new Map((await reads.evidence.files(record.bundleId)).map((file) => [file.path, file.content]));
    return {
      files,
      anchored: anchorBundle(files, entry.body, await proveLeaf(context, reads, entry.leafIndex, checkpoint, known)),
    };
  });
  if (anchored === null) return;
  const folder = await context.bundles.export(record.bundleId, record.sealedAt ?? 0, anchored.anchored, record.folder);
  await commit(context, 'anchor', async (unit) => {
    const current = await unit.evidence.get(record.bundleId);
    if (current?.state !== 'sealed') return;
    for (const [path, content] of anchored.anchored) {
      if (!anchored.files.has(path)) await unit.evidence.putFile(record.bundleId, { path, content });
    }
    await unit.evidence.save({ ...current, state: 'anchored', folder });
  });
}

/** Adds the proof to every sealed bundle that the newest checkpoint covers, and exports its folder. */
export async function anchorBundles(
  context: EngineContext,
  onError: (what: string, error: unknown) => void,
): Promise<number> {
  const { checkpoint, records } = await context.store.read(async (reads) => ({
    checkpoint: await reads.audit.latestCheckpoint(),
    records: await reads.evidence.inState(['sealed'], 200),
  }));
  if (checkpoint === null) return 0;
  const known: KnownHashes = new Map();
  // One bundle that cannot be anchored must not keep the others from it.
  for (const record of records) {
    await anchorOne(context, record, checkpoint, known).catch((error: unknown) =>
      onError(`anchor ${record.bundleId}`, error),
    );
  }
  return records.length;
}
