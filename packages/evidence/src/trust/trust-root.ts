import type { KeyRotation, PublicKey, TrustedKey, TrustRoot } from '@countersign/protocol';
import { checkpointOrigin } from '../checkpoint/checkpoint.ts';

/** A public key with the sizes of the log between which it counts. */
export function trustedKey(key: PublicKey, fromSize: number, untilSize: number | null): TrustedKey {
  const { keyid, name, algorithm, public_key, purposes } = key;
  return { keyid, name, algorithm, public_key, purposes, from_size: fromSize, until_size: untilSize };
}

/** The trust root of an installation: keys oldest first, and how each came after the one before. */
export function trustRoot(
  installation: string,
  keys: readonly TrustedKey[],
  rotations: readonly KeyRotation[] = [],
): TrustRoot {
  return {
    schema: 'countersign.trust.v1',
    installation,
    origin: checkpointOrigin(installation),
    keys: [...keys],
    rotations: [...rotations],
  };
}
