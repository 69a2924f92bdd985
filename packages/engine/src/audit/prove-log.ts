import { consistencyProof, formatTlogProof, inclusionProof, nodeHash, toHex } from '@countersign/evidence';
import type { Reads } from '@countersign/kernel';
import {
  accept,
  type ConsistencyProofView,
  type InclusionProofView,
  type Outcome,
  refuse,
} from '@countersign/protocol';
import type { EngineContext } from '../context/context.ts';
import { treeReader } from '../evidence/anchor-bundle.ts';

/** Root of the first `size` leaves, from the stored hashes: at most one read for each bit of the size. */
async function rootAt(context: EngineContext, reads: Reads, size: number): Promise<Uint8Array> {
  if (size === 0) return context.sha256(new Uint8Array());
  const read = treeReader(context, reads);
  const edge: Uint8Array[] = [];
  let start = 0;
  for (let level = Math.floor(Math.log2(size)); level >= 0; level -= 1) {
    const width = 2 ** level;
    if (start + width > size) continue;
    edge.push(await read(level, start / width));
    start += width;
  }
  return edge.reduceRight((right, left) => nodeHash(left, right, context.sha256));
}

const notSoFar = (field: string, wanted: number, treeSize: number) =>
  refuse('E_VALIDATION', `the log has ${treeSize} entries, not ${wanted}`, {
    field: `query/${field}`,
    next: 'ask for a size that it has reached; see GET /v1/audit/checkpoint',
  });

/** Proves that the log of `to` entries begins with that of `from`. Reads a few hundred hashes, whatever the sizes. */
export async function proveConsistency(
  context: EngineContext,
  from: number,
  to: number,
): Promise<Outcome<ConsistencyProofView>> {
  return await context.store.read(async (reads) => {
    const { treeSize } = await reads.audit.size();
    if (to > treeSize) return notSoFar('to', to, treeSize);
    if (from > to) {
      return refuse('E_VALIDATION', 'expected the earlier size in "from"', {
        field: 'query/from',
        next: 'swap the two sizes',
      });
    }
    const hashes = await consistencyProof(from, to, treeReader(context, reads), context.sha256);
    return accept({
      from,
      to,
      from_root: toHex(await rootAt(context, reads, from)),
      to_root: toHex(await rootAt(context, reads, to)),
      hashes: hashes.map(toHex),
    });
  });
}

/** Proves that an entry is in the log of `size` entries. */
export async function proveInclusion(
  context: EngineContext,
  leaf: number,
  size: number,
): Promise<Outcome<InclusionProofView>> {
  return await context.store.read(async (reads) => {
    const { treeSize } = await reads.audit.size();
    if (size > treeSize) return notSoFar('size', size, treeSize);
    if (leaf >= size) {
      return refuse('E_VALIDATION', `leaf ${leaf} is not among the first ${size}`, {
        field: 'query/leaf',
        next: 'leaves count from 0',
      });
    }
    const hashes = await inclusionProof(leaf, size, treeReader(context, reads), context.sha256);
    const [found] = await reads.audit.leafTexts(leaf, leaf + 1);
    const [leafHash] = await reads.audit.leafHashes(leaf, leaf + 1);
    if (found === undefined || leafHash === undefined) throw new Error(`leaf ${leaf} is gone from the log`);
    const checkpoint = await reads.audit.checkpointFor(size);
    const proof = { index: leaf, hashes, extra: null };
    return accept({
      leaf,
      size,
      root: toHex(await rootAt(context, reads, size)),
      leaf_hash: leafHash,
      hashes: hashes.map(toHex),
      entry: found.text,
      tlog_proof: checkpoint === null ? null : formatTlogProof({ ...proof, checkpoint: checkpoint.note }),
    });
  });
}
