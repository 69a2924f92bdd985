import type { Checkpoint } from '@countersign/kernel';
import type { ExportedCheckpoint } from '@countersign/protocol';

/** One exported checkpoint as JSON: what a file's line and a webhook's body hold. */
export function checkpointLine(installation: string, checkpoint: Checkpoint): string {
  const line: ExportedCheckpoint = {
    schema: 'countersign.checkpoint.v1',
    installation,
    tree_size: checkpoint.treeSize,
    root_hash: checkpoint.rootHash,
    note: checkpoint.note,
  };
  return JSON.stringify(line);
}
