import { z } from 'zod';

const Size = z.int().nonnegative();

/** RFC 6962 consistency proof: the tree of `to` leaves begins with all leaves of that of `from`. Hashes and roots in hex. */
export const ConsistencyProofView = z.strictObject({
  from: Size,
  to: Size,
  from_root: z.string(),
  to_root: z.string(),
  hashes: z.array(z.string()),
});
export type ConsistencyProofView = z.infer<typeof ConsistencyProofView>;

/** RFC 6962 inclusion proof of a leaf in the tree of `size` leaves. `entry` is the leaf's data, hashes and root are hex. */
export const InclusionProofView = z.strictObject({
  leaf: Size,
  size: Size,
  root: z.string(),
  leaf_hash: z.string(),
  hashes: z.array(z.string()),
  entry: z.string(),
  /** The C2SP tlog-proof, where a checkpoint of exactly this size was signed. */
  tlog_proof: z.string().nullable(),
});
export type InclusionProofView = z.infer<typeof InclusionProofView>;

/** A checkpoint as it is kept outside: a line of a file, or the body of a webhook. The note says the rest, signed. */
export const ExportedCheckpoint = z.looseObject({
  schema: z.literal('countersign.checkpoint.v1'),
  installation: z.string(),
  tree_size: Size,
  root_hash: z.string(),
  note: z.string(),
});
export type ExportedCheckpoint = z.infer<typeof ExportedCheckpoint>;
