import type { Checkpoint } from '@countersign/kernel';

/** One exported checkpoint as JSON: what a file's line and a webhook's body hold. */
export function checkpointLine(installation: string, checkpoint: Checkpoint): string {
  return JSON.stringify({
    schema: 'countersign.checkpoint.v1',
    installation,
    tree_size: checkpoint.treeSize,
    root_hash: checkpoint.rootHash,
    note: checkpoint.note,
  });
}
