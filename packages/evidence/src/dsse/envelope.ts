import type { DsseEnvelope, TrustRoot } from '@countersign/protocol';
import { fromBase64, toBase64 } from '../bytes/base64.ts';
import { type Checked, invalid, valid } from '../checked/checked.ts';
import type { Signer, VerifyCrypto } from '../crypto/ports.ts';
import { preAuthEncoding } from './pae.ts';

/** Signs a payload: an envelope with one signature. Same input, same envelope. */
export function signEnvelope(payloadType: string, payload: Uint8Array, signer: Signer): DsseEnvelope {
  const sig = toBase64(signer.sign(preAuthEncoding(payloadType, payload)));
  return { payloadType, payload: toBase64(payload), signatures: [{ keyid: signer.keyid, sig }] };
}

/** A payload that was signed, and who signed it. */
export interface VerifiedPayload {
  readonly payload: Uint8Array;
  readonly keyids: readonly string[];
}

/**
 * Checks an envelope: the payload type asked for, and every signature by a trusted key.
 *
 * Stricter than DSSE asks, so that no byte of an envelope can change unseen: only standard base64 with padding, and a
 * signature whose key is not trusted refuses the envelope.
 */
export async function verifyEnvelope(
  envelope: DsseEnvelope,
  payloadType: string,
  trust: TrustRoot,
  crypto: VerifyCrypto,
): Promise<Checked<VerifiedPayload>> {
  if (envelope.payloadType !== payloadType) return invalid(`the payload type is not ${payloadType}`);
  const payload = fromBase64(envelope.payload);
  if (payload === null) return invalid('the payload is not base64');
  if (envelope.signatures.length === 0) return invalid('nobody signed it');
  const message = preAuthEncoding(payloadType, payload);
  const keyids: string[] = [];
  for (const { keyid, sig } of envelope.signatures) {
    const key = trust.keys.find((candidate) => candidate.keyid === keyid);
    const publicKey = key === undefined ? null : fromBase64(key.public_key);
    if (publicKey === null) return invalid('a signature names a key that is not trusted');
    if (keyids.includes(keyid)) return invalid('one key signed twice');
    const signature = fromBase64(sig);
    if (signature === null || !(await crypto.verifyEd25519(publicKey, message, signature))) {
      return invalid('a signature does not verify');
    }
    keyids.push(keyid);
  }
  return valid({ payload, keyids });
}
