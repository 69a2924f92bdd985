import { appendLeaves, emptyFrontier, leafHash, toHex, utf8 } from '@countersign/evidence';
import type { Reads } from '@countersign/kernel';
import { CodedError } from '@countersign/protocol';
import type { EngineContext } from '../context/context.ts';

const entriesPerRead = 2000;

/**
 * Hashes every entry's text again and grows the tree from them, as far as `treeSize`; answers the root, hex.
 * Throws E_VERIFY that names the leaf where an entry is missing or is not what was hashed.
 */
export async function recomputeRoot(
  { sha256 }: Pick<EngineContext, 'sha256'>,
  reads: Pick<Reads, 'audit'>,
  treeSize: number,
  tell: (done: number) => void = () => undefined,
): Promise<string> {
  let frontier = emptyFrontier;
  let root = appendLeaves(frontier, [], sha256).root;
  while (frontier.size < treeSize) {
    const limit = Math.min(entriesPerRead, treeSize - frontier.size);
    const entries = await reads.audit.query({ afterIndex: frontier.size - 1, limit });
    const hashes = entries.map((entry, offset) => {
      const index = frontier.size + offset;
      if (entry.leafIndex !== index) throw new CodedError('E_VERIFY', `the audit lacks leaf ${index}`);
      const hash = leafHash(utf8(entry.text), sha256);
      if (toHex(hash) !== entry.leafHash) throw new CodedError('E_VERIFY', `leaf ${index} is not what was hashed`);
      return hash;
    });
    if (hashes.length === 0) throw new CodedError('E_VERIFY', `the audit ends at ${frontier.size}, before ${treeSize}`);
    ({ frontier, root } = appendLeaves(frontier, hashes, sha256));
    tell(frontier.size);
  }
  return toHex(root);
}
