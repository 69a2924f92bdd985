import { type Signer, toBase64 } from '@countersign/evidence';
import type { InstallationKey } from '@countersign/kernel';

/** The key that an installation begins with: in force from the first leaf on. */
export function firstKey({ keyid, name, publicKey }: Signer, now: number): InstallationKey {
  return {
    keyid,
    name,
    publicKey: toBase64(publicKey),
    purposes: ['checkpoint', 'evidence', 'approval'],
    state: 'current',
    fromSize: 0,
    untilSize: null,
    statement: null,
    checkpoint: null,
    createdAt: now,
  };
}
