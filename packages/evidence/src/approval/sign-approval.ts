import { ApprovalStatement, type DsseEnvelope, type TrustRoot } from '@countersign/protocol';
import { parseCanonical } from '../canonical/parse-canonical.ts';
import { type Checked, invalid } from '../checked/checked.ts';
import type { Signer, VerifyCrypto } from '../crypto/ports.ts';
import { statementBytes } from '../digest/preimage.ts';
import { signEnvelope, verifyEnvelope } from '../dsse/envelope.ts';
import { keysFor } from '../trust/key-window.ts';
import { groupApprovalPayloadType, verifyGroupApproval } from './sign-group-approval.ts';

/** DSSE payload type of an approval statement. */
export const approvalPayloadType = 'application/vnd.countersign.approval+json';

/** Signs what a person decided: the canonical statement in a DSSE envelope. */
export function signApproval(statement: ApprovalStatement, signer: Signer): DsseEnvelope {
  return signEnvelope(approvalPayloadType, statementBytes(statement), signer);
}

/**
 * What an approval's envelope says of one operation, if a trusted key signed it and it is canonical: the statement inside, or, of a
 * list that was signed at once, what that says of this operation.
 */
export async function verifyApproval(
  envelope: DsseEnvelope,
  opId: string,
  trust: TrustRoot,
  crypto: VerifyCrypto,
): Promise<Checked<ApprovalStatement>> {
  if (envelope.payloadType === groupApprovalPayloadType)
    return await verifyGroupApproval(envelope, opId, trust, crypto);
  const opened = await verifyEnvelope(envelope, approvalPayloadType, keysFor(trust, 'approval'), crypto);
  if (!opened.ok) return opened;
  const parsed = parseCanonical(opened.value.payload, ApprovalStatement);
  return parsed.ok ? parsed : invalid(`the signed statement is ${parsed.reason}`);
}
