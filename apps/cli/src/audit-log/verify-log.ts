import { equalBytes, TreeHasher, verifyCheckpoint } from '@countersign/evidence';
import { nodeSha256, nodeVerifyCrypto } from '@countersign/evidence/node';
import { CodedError, type TrustRoot } from '@countersign/protocol';
import { leafHashes } from './log-leaves.ts';

/** A tree head that the log must reach, and where it came from. */
export interface ExpectedHead {
  readonly from: string;
  readonly size: number;
  readonly root: Uint8Array;
  /** Whether a key signed it that is in force still. */
  readonly inForce: boolean;
}

/** Checks the signature of a checkpoint note. E_VERIFY when no trusted key signed it. */
export async function signedHead(from: string, note: string, trust: TrustRoot): Promise<ExpectedHead> {
  const checked = await verifyCheckpoint(note, trust, nodeVerifyCrypto);
  if (!checked.ok) throw new CodedError('E_VERIFY', `${from}: ${checked.reason}`);
  const { size, root, inForce } = checked.value;
  return { from, size, root, inForce };
}

function rewritten(head: ExpectedHead, agreed: number): CodedError {
  const message = `${head.from}: the entries do not give its root hash at size ${head.size}`;
  const where = `an entry from ${agreed} to ${head.size - 1} was changed, dropped, added or moved since`;
  return new CodedError('E_VERIFY', `${message}: ${where}`, { kind: 'rewritten', from: agreed, size: head.size });
}

/**
 * Computes the tree again from the log's lines: at the size of each head its root must come out. Earlier heads thereby
 * prove that nothing before them was changed, dropped, added or reordered since; the first that disagrees is told.
 * Memory does not grow with the log. Answers how many entries were read.
 *
 * @throws CodedError E_VERIFY; its detail's `kind` is `rolled_back` where the log ends too early, `rewritten` where it
 *   has another root, `unsigned` where it goes on after the last head.
 */
export async function verifyLog(
  chunks: AsyncIterable<Uint8Array>,
  heads: readonly ExpectedHead[],
  tell: (done: number) => void = () => undefined,
): Promise<number> {
  const waiting = [...heads].sort((left, right) => left.size - right.size);
  const tree = new TreeHasher(nodeSha256);
  let agreed = 0;
  const compare = (): void => {
    for (let head = waiting[0]; head !== undefined && head.size === tree.size; head = waiting[0]) {
      if (!equalBytes(tree.root(), head.root)) throw rewritten(head, agreed);
      agreed = head.size;
      waiting.shift();
    }
  };
  compare();
  for await (const hashes of leafHashes(chunks)) {
    for (const leaf of hashes) {
      tree.add(leaf);
      if (tree.size === waiting[0]?.size) compare();
    }
    tell(tree.size);
  }
  const [missed] = waiting;
  if (missed !== undefined) {
    throw new CodedError('E_VERIFY', `${missed.from}: the log ends at ${tree.size}, before ${missed.size}`, {
      kind: 'rolled_back',
      from: tree.size,
      size: missed.size,
    });
  }
  if (tree.size > agreed) {
    throw new CodedError(
      'E_VERIFY',
      `the log goes on after its newest checkpoint: nobody signed ${tree.size - agreed} entries`,
      {
        kind: 'unsigned',
        from: agreed,
        size: tree.size,
      },
    );
  }
  return tree.size;
}
