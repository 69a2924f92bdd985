import type { EngineContext } from '../context/context.ts';

/**
 * Since when the log is behind its newest checkpoint, in epoch ms: the time of the oldest entry that none covers, so that a
 * log that was idle for long is not behind by its next entry. Null where everything is signed. `startedAt` stands in where
 * nothing tells, because no entry has its place yet.
 */
export async function unsignedSince(context: EngineContext, startedAt: number): Promise<number | null> {
  return await context.store.read(async (reads) => {
    const signed = await reads.audit.latestCheckpoint();
    const { treeSize, unsequenced } = await reads.audit.size();
    if (unsequenced === 0 && treeSize <= (signed?.treeSize ?? 0)) return null;
    const [oldest] = await reads.audit.query({ afterIndex: (signed?.treeSize ?? 0) - 1, limit: 1 });
    return oldest?.body.at ?? signed?.at ?? startedAt;
  });
}
