import { BreakGlassStatement, type DsseEnvelope, type TrustRoot } from '@countersign/protocol';
import { canonicalBytes } from '../canonical/canonical.ts';
import { parseCanonical } from '../canonical/parse-canonical.ts';
import { type Checked, invalid } from '../checked/checked.ts';
import type { Signer, VerifyCrypto } from '../crypto/ports.ts';
import { signEnvelope, verifyEnvelope } from '../dsse/envelope.ts';
import { keysFor } from '../trust/key-window.ts';

/** DSSE payload type of broken glass. */
export const breakGlassPayloadType = 'application/vnd.countersign.break-glass+json';

/** Signs a person's word that broke the glass: the canonical statement in a DSSE envelope, by the key for approvals. */
export function signBreakGlass(statement: BreakGlassStatement, signer: Signer): DsseEnvelope {
  return signEnvelope(breakGlassPayloadType, canonicalBytes(statement), signer);
}

/** The statement inside the envelope of broken glass, if a trusted key signed it and it is canonical. */
export async function verifyBreakGlass(
  envelope: DsseEnvelope,
  trust: TrustRoot,
  crypto: VerifyCrypto,
): Promise<Checked<BreakGlassStatement>> {
  const opened = await verifyEnvelope(envelope, breakGlassPayloadType, keysFor(trust, 'approval'), crypto);
  if (!opened.ok) return opened;
  const parsed = parseCanonical(opened.value.payload, BreakGlassStatement);
  return parsed.ok ? parsed : invalid(`the signed word is ${parsed.reason}`);
}
