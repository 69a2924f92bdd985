import {
  appendLeaves,
  checkpointOrigin,
  emptyFrontier,
  type Frontier,
  fromHex,
  frontierRoot,
  signCheckpoint,
  toHex,
} from '@countersign/evidence';
import type { Checkpoint, Reads } from '@countersign/kernel';
import { commit } from '../context/commit.ts';
import type { EngineContext } from '../context/context.ts';
import {
  allSealedHaveLeaves,
  followRotation,
  handOver,
  holdSigner,
  type PendingRotation,
  pendingRotation,
} from '../key/hand-over.ts';

const leavesPerRead = 10_000;

interface Growth {
  readonly latest: Checkpoint | null;
  readonly size: number;
  readonly hashes: readonly string[];
  readonly pending: PendingRotation | null;
  readonly ready: boolean;
}

async function readGrowth(reads: Reads, from: Frontier): Promise<Growth> {
  const latest = await reads.audit.latestCheckpoint();
  const { treeSize: size } = await reads.audit.size();
  const start = Math.max(latest?.treeSize ?? 0, from.size);
  const to = Math.min(size, start + leavesPerRead);
  const pending = await pendingRotation(reads);
  return {
    latest,
    size,
    hashes: to > start ? await reads.audit.leafHashes(start, to) : [],
    pending,
    ready: pending !== null && (await allSealedHaveLeaves(reads)),
  };
}

async function signAlone(context: EngineContext, frontier: Frontier): Promise<Checkpoint | null> {
  const root = frontierRoot(frontier, context.sha256);
  const head = { origin: checkpointOrigin(context.settings.installation), size: frontier.size, root };
  const checkpoint: Checkpoint = {
    treeSize: frontier.size,
    rootHash: toHex(root),
    frontier: frontier.hashes,
    note: signCheckpoint(head, context.keys.signer, context.sha256),
    at: context.clock.now(),
  };
  const signed = await commit(context, 'checkpoint', async (unit) => {
    if (!(await holdSigner(context, unit))) return false;
    if ((await unit.audit.checkpointFor(checkpoint.treeSize)) === null) await unit.audit.addCheckpoint(checkpoint);
    return true;
  });
  return signed ? checkpoint : null;
}

/**
 * Signs a checkpoint when the tree has grown since the last; answers the newest. While a key gives way to the next, the
 * one checkpoint that is signed is theirs together.
 */
export async function advanceCheckpoint(context: EngineContext): Promise<Checkpoint | null> {
  await followRotation(context);
  let frontier = emptyFrontier;
  for (;;) {
    const { latest, size, hashes, pending, ready } = await context.store.read((reads) => readGrowth(reads, frontier));
    const start = latest === null ? emptyFrontier : { size: latest.treeSize, hashes: [...latest.frontier] };
    if (start.size > frontier.size) frontier = start;
    if (hashes.length > 0) frontier = appendLeaves(frontier, hashes.map(fromHex), context.sha256).frontier;
    if (pending !== null) {
      if (frontier.size < size) continue;
      return (ready ? await handOver(context, frontier, pending) : null) ?? latest;
    }
    if (hashes.length === 0) return latest;
    const checkpoint = await signAlone(context, frontier);
    if (checkpoint === null || checkpoint.treeSize >= size) return checkpoint ?? latest;
  }
}
