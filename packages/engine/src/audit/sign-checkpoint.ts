import { appendLeaves, checkpointOrigin, emptyFrontier, fromHex, signCheckpoint, toHex } from '@countersign/evidence';
import type { Checkpoint } from '@countersign/kernel';
import { commit } from '../context/commit.ts';
import type { EngineContext } from '../context/context.ts';

const leavesPerRead = 10_000;

/** Signs a checkpoint when the tree has grown since the last; answers the newest. */
export async function advanceCheckpoint(context: EngineContext): Promise<Checkpoint | null> {
  for (;;) {
    const { latest, size, hashes } = await context.store.read(async (reads) => {
      const before = await reads.audit.latestCheckpoint();
      const { treeSize } = await reads.audit.size();
      const from = before?.treeSize ?? 0;
      const to = Math.min(treeSize, from + leavesPerRead);
      return { latest: before, size: treeSize, hashes: to > from ? await reads.audit.leafHashes(from, to) : [] };
    });
    if (hashes.length === 0) return latest;
    const frontier = latest === null ? emptyFrontier : { size: latest.treeSize, hashes: [...latest.frontier] };
    const grown = appendLeaves(frontier, hashes.map(fromHex), context.sha256);
    const note = signCheckpoint(
      { origin: checkpointOrigin(context.settings.installation), size: grown.frontier.size, root: grown.root },
      context.signer,
      context.sha256,
    );
    const checkpoint: Checkpoint = {
      treeSize: grown.frontier.size,
      rootHash: toHex(grown.root),
      frontier: grown.frontier.hashes,
      note,
      at: context.clock.now(),
    };
    await commit(context, 'checkpoint', async (unit) => {
      if ((await unit.audit.checkpointFor(checkpoint.treeSize)) === null) await unit.audit.addCheckpoint(checkpoint);
    });
    if (checkpoint.treeSize >= size) return checkpoint;
  }
}
