import { canonicalJson, toBase64, verdictDigest, verifyApproval, verifyTrust } from '@countersign/evidence';
import type { Approval, Operation, Reads } from '@countersign/kernel';
import type { TrustRoot } from '@countersign/protocol';
import { canonicalOrNull } from '../canonical/canonical-or-null.ts';
import type { EngineContext } from '../context/context.ts';
import { readTrust } from '../key/read-trust.ts';

/**
 * The keys that may have signed: those of the database, but only where they are one unbroken chain of rotations with the
 * private key that this server holds in it. Who writes a key of their own into the database is not believed.
 */
export async function heldTrust(context: EngineContext, reads: Pick<Reads, 'keys'>): Promise<TrustRoot | null> {
  const { signer } = context.keys;
  const trust = await readTrust(reads, context.settings.installation);
  const held = trust.keys.some((key) => key.keyid === signer.keyid && key.public_key === toBase64(signer.publicKey));
  if (!held) return null;
  const whole = await verifyTrust(trust, context.verifyCrypto);
  return whole.ok ? trust : null;
}

async function holds(
  context: EngineContext,
  trust: TrustRoot,
  operation: Operation,
  digest: string,
  approval: Approval,
): Promise<boolean> {
  const { statement } = approval;
  const bound =
    statement.op_id === operation.id &&
    statement.bundle_id === operation.bundleId &&
    statement.requester_root === operation.requester.root &&
    statement.plan_digest === digest &&
    statement.verdict_digest === canonicalOrNull(() => verdictDigest(approval.verdict, context.sha256));
  if (!bound) return false;
  const signed = await verifyApproval(approval.envelope, operation.id, trust, context.verifyCrypto);
  return signed.ok && canonicalJson(signed.value) === canonicalOrNull(() => canonicalJson(statement));
}

/**
 * Of recorded decisions those that a person gave on exactly this plan of this operation: signed by a trusted key, and
 * stored as they were signed. A row that somebody wrote or changed in the database counts for nothing.
 */
export async function holdingApprovals(
  context: EngineContext,
  reads: Pick<Reads, 'keys'>,
  operation: Operation,
  digest: string,
  approvals: readonly Approval[],
): Promise<Approval[]> {
  const trust = approvals.length === 0 ? null : await heldTrust(context, reads);
  const holding: Approval[] = [];
  if (trust === null) return holding;
  for (const approval of approvals) {
    if (await holds(context, trust, operation, digest, approval)) holding.push(approval);
  }
  return holding;
}
