export { approvalPayloadType, signApproval, verifyApproval } from './approval/sign-approval.ts';
export { breakGlassPayloadType, signBreakGlass, verifyBreakGlass } from './approval/sign-break-glass.ts';
export { groupApprovalPayloadType, signGroupApproval } from './approval/sign-group-approval.ts';
export { buildBundle } from './bundle/build-bundle.ts';
export type { BundleFiles, BundleInput, SignedApproval } from './bundle/bundle-input.ts';
export { bundlePaths } from './bundle/bundle-paths.ts';
export {
  anchorBundle,
  type SealedBundle,
  type SealingDetail,
  sealBundle,
  statementPayloadType,
} from './bundle/seal-bundle.ts';
export { fromBase64, toBase64 } from './bytes/base64.ts';
export { concatBytes, equalBytes } from './bytes/bytes.ts';
export { fromHex, toHex } from './bytes/hex.ts';
export { fromUtf8, utf8 } from './bytes/utf8.ts';
export { canonicalBytes, canonicalJson } from './canonical/canonical.ts';
export { parseCanonical, type Schema } from './canonical/parse-canonical.ts';
export { type Checked, invalid, valid } from './checked/checked.ts';
export {
  type Checkpoint,
  checkpointOrigin,
  formatCheckpoint,
  type ParsedCheckpoint,
  parseCheckpoint,
  signCheckpoint,
} from './checkpoint/checkpoint.ts';
export {
  formatNote,
  type NoteSignature,
  noteKeyPreimage,
  parseNote,
  type SignedNote,
} from './checkpoint/signed-note.ts';
export { formatTlogProof, parseTlogProof, type TlogProof, verifyTlogProof } from './checkpoint/tlog-proof.ts';
export { type VerifiedCheckpoint, verifyCheckpoint } from './checkpoint/verify-checkpoint.ts';
export type { AnySha256, Sha256, Signer, VerifyCrypto } from './crypto/ports.ts';
export {
  digestText,
  fileDigest,
  fileDigestAsync,
  planDigest,
  planDigestAsync,
  verdictDigest,
  verdictDigestAsync,
} from './digest/digest.ts';
export { planPreimage, statementBytes, taggedBytes, verdictPreimage } from './digest/preimage.ts';
export { signEnvelope, type VerifiedPayload, verifyEnvelope } from './dsse/envelope.ts';
export { preAuthEncoding } from './dsse/pae.ts';
export { Tally } from './measure/tally.ts';
export {
  type Appended,
  appendLeaves,
  emptyFrontier,
  type Frontier,
  frontierRoot,
  merkleRoot,
  type SubtreeNode,
} from './merkle/frontier.ts';
export { emptyRoot, leafHash, leafHashAsync, nodeHash } from './merkle/hash.ts';
export { consistencyProof, inclusionProof } from './merkle/proof.ts';
export { levelsPerTile, type NodeReader, type StoredReader, subtreeHash, tiledReader } from './merkle/tile.ts';
export { TreeHasher } from './merkle/tree-hasher.ts';
export {
  type ConsistencyClaim,
  type InclusionClaim,
  verifyConsistency,
  verifyInclusion,
} from './merkle/verify-proof.ts';
export { renderPlan } from './render/render-plan.ts';
export { unvisible, unvisibleLine, visible, visibleLine } from './render/visible.ts';
export { replayRecordOf } from './replay/replay-record.ts';
export { keysFor, signsHead, signsLeaf } from './trust/key-window.ts';
export { rotationPayloadType, signRotation, verifyRotation } from './trust/rotation.ts';
export { trustedKey, trustRoot } from './trust/trust-root.ts';
export { extendsTrust, verifyTrust } from './trust/verify-trust.ts';
export { type FindingId, findingIds } from './verify/finding-ids.ts';
export { type LogWitness, verifyBundle } from './verify/verify-bundle.ts';
export {
  readWorkerAuditLine,
  workerAuditHash,
  workerAuditLine,
  workerAuditLines,
  workerAuditStart,
} from './worker/worker-audit.ts';
export { type AuditPlace, type ChainedLine, WorkerAuditChain } from './worker/worker-audit-chain.ts';
export {
  enrolmentMessage,
  makeWorkerProof,
  readWorkerProof,
  type WorkerProof,
  workerProofMs,
} from './worker/worker-proof.ts';
