import type { TrustRoot } from '@countersign/protocol';
import { fromBase64 } from '../bytes/base64.ts';
import { utf8 } from '../bytes/utf8.ts';
import { type Checked, invalid, valid } from '../checked/checked.ts';
import type { VerifyCrypto } from '../crypto/ports.ts';
import { checkpointOrigin, type ParsedCheckpoint, parseCheckpoint } from './checkpoint.ts';
import { claimsKey, type NoteSignature, noteKeyPreimage } from './signed-note.ts';

/** A checkpoint that a trusted key signed. `unknownSignatures` counts lines of keys outside the trust root. */
export interface VerifiedCheckpoint extends ParsedCheckpoint {
  readonly unknownSignatures: number;
}

async function checkLine(
  line: NoteSignature,
  message: Uint8Array,
  trust: TrustRoot,
  crypto: VerifyCrypto,
): Promise<'unknown' | 'good' | 'bad'> {
  for (const key of trust.keys) {
    const publicKey = fromBase64(key.public_key);
    if (publicKey === null) continue;
    if (!claimsKey(line, key.name, await crypto.sha256(noteKeyPreimage(key.name, publicKey)))) continue;
    return (await crypto.verifyEd25519(publicKey, message, line.signature)) ? 'good' : 'bad';
  }
  return 'unknown';
}

/**
 * Checks a signed checkpoint: exact form, this installation's origin, at least one trusted signature and none of a
 * trusted key that fails. Signatures of unknown keys are counted and otherwise ignored (https://c2sp.org/signed-note).
 */
export async function verifyCheckpoint(
  note: string,
  trust: TrustRoot,
  crypto: VerifyCrypto,
): Promise<Checked<VerifiedCheckpoint>> {
  const parsed = parseCheckpoint(note);
  if (!parsed.ok) return parsed;
  const origin = checkpointOrigin(trust.installation);
  if (parsed.value.origin !== origin) return invalid(`the origin is not ${origin}`);
  const message = utf8(parsed.value.text);
  let unknownSignatures = 0;
  let good = 0;
  for (const line of parsed.value.signatures) {
    const answer = await checkLine(line, message, trust, crypto);
    if (answer === 'bad') return invalid(`the signature of ${line.name} does not verify`);
    if (answer === 'good') good += 1;
    else unknownSignatures += 1;
  }
  return good === 0 ? invalid('no trusted key signed it') : valid({ ...parsed.value, unknownSignatures });
}
