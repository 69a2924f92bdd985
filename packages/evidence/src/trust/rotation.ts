import { type DsseEnvelope, type PublicKey, RotationStatement, type TrustRoot } from '@countersign/protocol';
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
  const [byOld, byNext] = [old, next].map((signer) => signEnvelope(rotationPayloadType, payload, signer));
  if (byOld === undefined || byNext === undefined) throw new TypeError('two keys sign a rotation');
  return { ...byOld, signatures: [...byOld.signatures, ...byNext.signatures] };
}

/** The statement of a rotation that exactly the keys of `pair` signed, the old one first. */
export async function verifyRotation(
  envelope: DsseEnvelope,
  pair: TrustRoot,
  crypto: VerifyCrypto,
): Promise<Checked<RotationStatement>> {
  const opened = await verifyEnvelope(envelope, rotationPayloadType, pair, crypto);
  if (!opened.ok) return opened;
  const [old, next] = pair.keys;
  if (old === undefined || opened.value.keyids.length !== 2 || opened.value.keyids[0] !== old.keyid) {
    return invalid('not signed by the old key and then the new one');
  }
  const parsed = parseCanonical(opened.value.payload, RotationStatement);
  if (!parsed.ok) return parsed;
  const { installation, from, to } = parsed.value;
  const same = installation === pair.installation && from === old.keyid && to.keyid === next?.keyid;
  return same ? parsed : invalid('the statement names other keys');
}
