import type { Totp } from '@countersign/kernel';
import { Secret, TOTP } from 'otpauth';
import type { Vault } from '../secret/vault.ts';

const periodSeconds = 30;
/** Clocks of phones differ: the code before and the one after count too (RFC 6238, 5.2). */
const window = 1;

/** A fresh secret of 160 bits, and how an authenticator takes it. */
export function newTotp(issuer: string, label: string): { secret: string; uri: string } {
  const totp = new TOTP({ issuer, label, secret: new Secret({ size: 20 }), period: periodSeconds });
  return { secret: totp.secret.base32, uri: totp.toString() };
}

/** The time step that a code belongs to; null when it is the code of none. Whether it was taken before is the store's to say. */
export function totpStep(vault: Vault, totp: Totp, code: string, now: number): number | null {
  const secret = Secret.fromBase32(vault.open(totp).reveal());
  const delta = new TOTP({ secret, period: periodSeconds }).validate({ token: code, timestamp: now, window });
  return delta === null ? null : TOTP.counter({ period: periodSeconds, timestamp: now }) + delta;
}
