import { trustedKey, trustRoot } from '@countersign/evidence';
import type { InstallationKey, Reads } from '@countersign/kernel';
import type { KeyRotation, PublicKey, TrustRoot } from '@countersign/protocol';

/** The public half of a key, as it is vouched for. */
export function publicKeyOf({ keyid, name, publicKey, purposes }: InstallationKey): PublicKey {
  return { keyid, name, algorithm: 'ed25519', public_key: publicKey, purposes: [...purposes] };
}

/** The trust root as it stands: every key that is or was in force. A key that is not in force yet is not in it. */
export async function readTrust(reads: Pick<Reads, 'keys'>, installation: string): Promise<TrustRoot> {
  const keys = await reads.keys.list();
  const known = keys.flatMap((key) =>
    key.fromSize === null ? [] : [trustedKey(publicKeyOf(key), key.fromSize, key.untilSize)],
  );
  const rotations = keys.flatMap(({ statement, checkpoint }): KeyRotation[] =>
    statement === null || checkpoint === null ? [] : [{ statement, checkpoint }],
  );
  return trustRoot(installation, known, rotations);
}
