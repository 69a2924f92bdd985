import type { Client } from '@countersign/client';
import {
  appendLeaves,
  emptyFrontier,
  equalBytes,
  frontierRoot,
  leafHash,
  utf8,
  verifyCheckpoint,
} from '@countersign/evidence';
import { nodeSha256, nodeVerifyCrypto } from '@countersign/evidence/node';
import { CodedError, type TrustRoot } from '@countersign/protocol';

/** A tree head that the log must reach, and where it came from. */
export interface ExpectedHead {
  readonly from: string;
  readonly size: number;
  readonly root: Uint8Array;
}

const pageSize = 5_000;

/** Checks the signature of a checkpoint note. E_VERIFY when no trusted key signed it. */
export async function signedHead(from: string, note: string, trust: TrustRoot): Promise<ExpectedHead> {
  const checked = await verifyCheckpoint(note, trust, nodeVerifyCrypto);
  if (!checked.ok) throw new CodedError('E_VERIFY', `${from}: ${checked.reason}`);
  return { from, size: checked.value.size, root: checked.value.root };
}

/**
 * Reads every leaf up to the largest head and computes the tree again: each head's root must come out at its size.
 * Earlier heads thereby prove that nothing before them was changed, dropped or reordered since.
 *
 * @throws CodedError E_VERIFY that names the head or leaf.
 */
export async function verifyLog(
  client: Client,
  heads: readonly ExpectedHead[],
  tell: (done: number, of: number) => void,
): Promise<void> {
  const ordered = [...heads].sort((left, right) => left.size - right.size);
  let frontier = emptyFrontier;
  for (const head of ordered) {
    while (frontier.size < head.size) {
      const limit = Math.min(pageSize, head.size - frontier.size);
      const { leaves } = await client.call('auditLeaves', { query: { from: frontier.size, limit } });
      if (leaves.length === 0)
        throw new CodedError('E_VERIFY', `${head.from}: the log ends at ${frontier.size}, before ${head.size}`);
      for (const [offset, leaf] of leaves.entries()) {
        if (leaf.leaf_index === frontier.size + offset) continue;
        throw new CodedError('E_VERIFY', `leaf ${frontier.size + offset} is missing: found ${leaf.leaf_index}`);
      }
      const hashes = leaves.slice(0, limit).map(({ text }) => leafHash(utf8(text), nodeSha256));
      frontier = appendLeaves(frontier, hashes, nodeSha256).frontier;
      tell(frontier.size, head.size);
    }
    if (!equalBytes(frontierRoot(frontier, nodeSha256), head.root)) {
      throw new CodedError('E_VERIFY', `${head.from}: the entries do not give its root hash at size ${head.size}`);
    }
  }
}
