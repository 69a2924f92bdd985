import {
  type ApprovalStatement,
  type DsseEnvelope,
  GroupApprovalStatement,
  memberStatement,
  type TrustRoot,
} from '@countersign/protocol';
import { canonicalBytes } from '../canonical/canonical.ts';
import { parseCanonical } from '../canonical/parse-canonical.ts';
import { type Checked, invalid, valid } from '../checked/checked.ts';
import type { Signer, VerifyCrypto } from '../crypto/ports.ts';
import { signEnvelope, verifyEnvelope } from '../dsse/envelope.ts';
import { keysFor } from '../trust/key-window.ts';

/** DSSE payload type of a statement that decides on a list. */
export const groupApprovalPayloadType = 'application/vnd.countersign.group-approval+json';

/** Signs what a person decided on a list: one canonical statement in one DSSE envelope, which the bundle of each operation carries. */
export function signGroupApproval(statement: GroupApprovalStatement, signer: Signer): DsseEnvelope {
  return signEnvelope(groupApprovalPayloadType, canonicalBytes(statement), signer);
}

/** What a signed list says of one of its operations, if a trusted key signed it, it is canonical, and it names that operation once. */
export async function verifyGroupApproval(
  envelope: DsseEnvelope,
  opId: string,
  trust: TrustRoot,
  crypto: VerifyCrypto,
): Promise<Checked<ApprovalStatement>> {
  const opened = await verifyEnvelope(envelope, groupApprovalPayloadType, keysFor(trust, 'approval'), crypto);
  if (!opened.ok) return opened;
  const parsed = parseCanonical(opened.value.payload, GroupApprovalStatement);
  if (!parsed.ok) return invalid(`the signed list is ${parsed.reason}`);
  const statement = memberStatement(parsed.value, opId);
  return statement === null ? invalid(`the signed list does not name operation ${opId} once`) : valid(statement);
}
