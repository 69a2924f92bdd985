import type { Signer } from '@countersign/evidence';

/** The private signing keys that this server holds. */
export interface KeyRing {
  /** Signs now. */
  readonly signer: Signer;
  /** The key that will sign after a rotation: made and durable before it is answered; the same until it is promoted. */
  prepare(): Signer;
  /** The prepared key, or what another server promoted meanwhile; null when this server does not hold it. */
  find(keyid: string): Signer | null;
  /** From now on this key signs; the private half of the one before is destroyed. */
  promote(keyid: string): void;
}
