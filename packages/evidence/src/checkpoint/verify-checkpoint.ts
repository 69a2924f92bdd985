import type { TrustedKey, TrustRoot } from '@countersign/protocol';
import { fromBase64 } from '../bytes/base64.ts';
import { utf8 } from '../bytes/utf8.ts';
import { type Checked, invalid, valid } from '../checked/checked.ts';
import type { VerifyCrypto } from '../crypto/ports.ts';
import { keysFor, signsHead } from '../trust/key-window.ts';
import { checkpointOrigin, type ParsedCheckpoint, parseCheckpoint } from './checkpoint.ts';
import { claimsKey, type NoteSignature, noteKeyPreimage } from './signed-note.ts';

/** A checkpoint that a trusted key signed. `unknownSignatures` counts lines of keys outside the trust root. */
export interface VerifiedCheckpoint extends ParsedCheckpoint {
  readonly unknownSignatures: number;
  /** The trusted keys that signed it, by id. */
  readonly signers: readonly string[];
  /** Whether one of them is in force still. Whoever holds a retired key now can sign a tree that never was. */
  readonly inForce: boolean;
}

/** The trusted key that gave a signature line, or null where it is of none. */
async function checkLine(
  line: NoteSignature,
  { text, size }: ParsedCheckpoint,
  keys: readonly TrustedKey[],
  crypto: VerifyCrypto,
): Promise<Checked<TrustedKey | null>> {
  for (const key of keys) {
    const publicKey = fromBase64(key.public_key);
    if (publicKey === null) continue;
    if (!claimsKey(line, key.name, await crypto.sha256(noteKeyPreimage(key.name, publicKey)))) continue;
    if (!(await crypto.verifyEd25519(publicKey, utf8(text), line.signature))) {
      return invalid(`the signature of ${line.name} does not verify`);
    }
    return signsHead(key, size) ? valid(key) : invalid('a key signed it that was not in force at that size');
  }
  return valid(null);
}

/**
 * Checks a signed checkpoint: exact form, this installation's origin, at least one trusted signature and none of a
 * trusted key that fails or that the key may not give at that size. Signatures of unknown keys are counted and otherwise
 * ignored (https://c2sp.org/signed-note).
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
  const { keys } = keysFor(trust, 'checkpoint');
  let unknownSignatures = 0;
  const signers: TrustedKey[] = [];
  for (const line of parsed.value.signatures) {
    const answer = await checkLine(line, parsed.value, keys, crypto);
    if (!answer.ok) return answer;
    if (answer.value === null) unknownSignatures += 1;
    else if (signers.includes(answer.value)) return invalid('one key signed it twice');
    else signers.push(answer.value);
  }
  if (signers.length === 0) return invalid('no trusted key signed it');
  const inForce = signers.some((key) => key.until_size === null);
  return valid({ ...parsed.value, unknownSignatures, signers: signers.map(({ keyid }) => keyid), inForce });
}
