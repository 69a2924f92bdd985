import { canonicalJson, verifyBreakGlass } from '@countersign/evidence';
import type { BreakGlass, Operation, Reads } from '@countersign/kernel';
import { type BreakGlassStatement, breakGlassTimeProblem } from '@countersign/protocol';
import { heldTrust } from '../approval/holding-approvals.ts';
import { canonicalOrNull } from '../canonical/canonical-or-null.ts';
import type { EngineContext } from '../context/context.ts';

/** Broken glass that somebody really broke. */
export type SignedBreakGlass = NonNullable<BreakGlass['signed']>;

function isBound(word: BreakGlassStatement, operation: Operation, digest: string): boolean {
  return word.op_id === operation.id && word.bundle_id === operation.bundleId && word.plan_digest === digest;
}

/**
 * The word that broke the glass on exactly this plan of this operation: signed by a trusted key, stored as it was signed,
 * given right after a fresh proof. It may have expired. A row that somebody wrote into the database counts for nothing.
 */
export async function holdingBreakGlass(
  context: EngineContext,
  reads: Pick<Reads, 'keys' | 'breakGlass'>,
  operation: Operation,
  digest: string,
): Promise<SignedBreakGlass | null> {
  const signed = (await reads.breakGlass.get(operation.id))?.signed ?? null;
  if (signed === null || !isBound(signed.statement, operation, digest)) return null;
  if (breakGlassTimeProblem(signed.statement) !== null) return null;
  const trust = await heldTrust(context, reads);
  const verified = trust && (await verifyBreakGlass(signed.envelope, trust, context.verifyCrypto));
  if (verified === null || !verified.ok) return null;
  const stored = canonicalOrNull(() => canonicalJson(signed.statement));
  return canonicalJson(verified.value) === stored ? signed : null;
}
