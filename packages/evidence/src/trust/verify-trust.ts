import type { PublicKey, TrustedKey, TrustRoot } from '@countersign/protocol';
import { fromBase64 } from '../bytes/base64.ts';
import { canonicalJson } from '../canonical/canonical.ts';
import { type Checked, invalid, valid } from '../checked/checked.ts';
import { checkpointOrigin } from '../checkpoint/checkpoint.ts';
import { verifyCheckpoint } from '../checkpoint/verify-checkpoint.ts';
import type { VerifyCrypto } from '../crypto/ports.ts';
import { digestText } from '../digest/digest.ts';
import { verifyRotation } from './rotation.ts';

function publicPart({ keyid, name, algorithm, public_key, purposes }: PublicKey): string {
  return canonicalJson({ keyid, name, algorithm, public_key, purposes });
}

async function checkKey(key: TrustedKey, crypto: VerifyCrypto): Promise<string | null> {
  const bytes = fromBase64(key.public_key);
  if (bytes?.length !== 32) return `${key.keyid} is no Ed25519 key`;
  if (digestText(await crypto.sha256(bytes)) !== key.keyid) return `${key.keyid} is not the hash of its key`;
  if (!/^[^\s+\p{Cc}]+$/u.test(key.name)) return `${key.keyid} has a name that cannot stand in a checkpoint`;
  return null;
}

async function checkRotation(
  trust: TrustRoot,
  index: number,
  old: TrustedKey,
  next: TrustedKey,
  crypto: VerifyCrypto,
): Promise<string | null> {
  const rotation = trust.rotations[index];
  if (rotation === undefined) return 'it is missing';
  const statement = await verifyRotation(rotation.statement, trust, old, next, crypto);
  if (!statement.ok) return statement.reason;
  if (publicPart(statement.value.to) !== publicPart(next)) return 'the old key vouched for another key';
  const checkpoint = await verifyCheckpoint(rotation.checkpoint, { ...trust, keys: [old, next] }, crypto);
  if (!checkpoint.ok) return `its checkpoint: ${checkpoint.reason}`;
  const { size, signers, unknownSignatures } = checkpoint.value;
  if (unknownSignatures > 0 || signers.length !== 2) return 'its checkpoint is not signed by exactly both keys';
  if (old.until_size !== size || next.from_size !== size || size <= old.from_size) {
    return 'the keys do not change at the size of its checkpoint';
  }
  return null;
}

/**
 * Checks a trust root in itself: each key is what its id says, and each but the first was vouched for by the one before,
 * at a tree head that both signed. Whether the first key is the installation's cannot be told from the document: compare
 * it with what the installation's people say, or with a root kept earlier (`extendsTrust`).
 */
export async function verifyTrust(trust: TrustRoot, crypto: VerifyCrypto): Promise<Checked<TrustRoot>> {
  const { installation, keys, rotations } = trust;
  const origin = checkpointOrigin(installation);
  if ((trust.origin ?? origin) !== origin) return invalid(`the origin is not ${origin}`);
  if (rotations.length !== keys.length - 1) return invalid(`${keys.length} keys and ${rotations.length} rotations`);
  if (new Set(keys.map(({ keyid }) => keyid)).size !== keys.length) return invalid('a key stands in it twice');
  for (const key of keys) {
    const problem = await checkKey(key, crypto);
    if (problem !== null) return invalid(problem);
  }
  for (const [index, next] of keys.entries()) {
    const old = keys[index - 1];
    const problem = old === undefined ? null : await checkRotation(trust, index - 1, old, next, crypto);
    if (problem !== null) return invalid(`rotation ${index}: ${problem}`);
  }
  if (keys[0]?.from_size !== 0) return invalid('the first key does not begin with the log');
  if (keys.at(-1)?.until_size !== null) return invalid('no key is in force');
  return valid(trust);
}

/** Checks that a trust root, verified in itself, only continues the one that was kept: the same keys, then further ones. */
export function extendsTrust(kept: TrustRoot, trust: TrustRoot): Checked<TrustRoot> {
  if (kept.installation !== trust.installation) return invalid(`it is of installation ${trust.installation}`);
  if (trust.keys.length < kept.keys.length) return invalid('it is older than the one that was kept');
  for (const [index, key] of kept.keys.entries()) {
    const now = trust.keys[index];
    if (now === undefined || publicPart(now) !== publicPart(key))
      return invalid(`it has another key than ${key.keyid}`);
    if (now.from_size !== key.from_size || (key.until_size !== null && now.until_size !== key.until_size)) {
      return invalid(`it has other times for ${key.keyid}`);
    }
  }
  const same = kept.rotations.every(
    (each, index) => canonicalJson(each) === canonicalJson(trust.rotations[index] ?? null),
  );
  return same ? valid(trust) : invalid('it tells its rotations in another way');
}
