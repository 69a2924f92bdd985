import { leafHash, TreeHasher, toHex, utf8 } from '@countersign/evidence';
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
  const tree = new TreeHasher(sha256);
  while (tree.size < treeSize) {
    const before = tree.size;
    const limit = Math.min(entriesPerRead, treeSize - before);
    for (const entry of await reads.audit.query({ afterIndex: before - 1, limit })) {
      const index = tree.size;
      if (entry.leafIndex !== index) throw new CodedError('E_VERIFY', `the audit lacks leaf ${index}`);
      const hash = leafHash(utf8(entry.text), sha256);
      if (toHex(hash) !== entry.leafHash) throw new CodedError('E_VERIFY', `leaf ${index} is not what was hashed`);
      tree.add(hash);
    }
    if (tree.size === before) throw new CodedError('E_VERIFY', `the audit ends at ${before}, before ${treeSize}`);
    tell(tree.size);
  }
  return toHex(tree.root());
}
