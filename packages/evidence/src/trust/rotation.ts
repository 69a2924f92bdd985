import {
  type DsseEnvelope,
  type PublicKey,
  RotationStatement,
  type TrustedKey,
  type TrustRoot,
} from '@countersign/protocol';
import { canonicalBytes } from '../canonical/canonical.ts';
import { parseCanonical } from '../canonical/parse-canonical.ts';
import { type Checked, invalid } from '../checked/checked.ts';
import type { Signer, VerifyCrypto } from '../crypto/ports.ts';
import { signEnvelope, verifyEnvelope } from '../dsse/envelope.ts';

/** DSSE payload type of a key's rotation. */
export const rotationPayloadType = 'application/vnd.countersign.key-rotation+json';

/** Says that `next` takes over from `old`: signed by the old key, and by the new one to show that it is held. */
export function signRotation(installation: string, to: PublicKey, old: Signer, next: Signer): DsseEnvelope {
  const statement: RotationStatement = { schema: 'countersign.key-rotation.v1', installation, from: old.keyid, to };
  const payload = canonicalBytes(statement);
  const byOld = signEnvelope(rotationPayloadType, payload, old);
  const byNext = signEnvelope(rotationPayloadType, payload, next);
  return { ...byOld, signatures: [...byOld.signatures, ...byNext.signatures] };
}

/** The statement of a rotation that exactly these two keys signed, the old one first. */
export async function verifyRotation(
  envelope: DsseEnvelope,
  trust: TrustRoot,
  old: TrustedKey,
  next: TrustedKey,
  crypto: VerifyCrypto,
): Promise<Checked<RotationStatement>> {
  const opened = await verifyEnvelope(envelope, rotationPayloadType, { ...trust, keys: [old, next] }, crypto);
  if (!opened.ok) return opened;
  if (opened.value.keyids.length !== 2 || opened.value.keyids[0] !== old.keyid) {
    return invalid('not signed by the old key and then the new one');
  }
  const parsed = parseCanonical(opened.value.payload, RotationStatement);
  if (!parsed.ok) return parsed;
  const { installation, from, to } = parsed.value;
  const same = installation === trust.installation && from === old.keyid && to.keyid === next.keyid;
  return same ? parsed : invalid('the statement names other keys');
}
