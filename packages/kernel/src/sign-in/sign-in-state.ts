import type { JsonObject } from '@countersign/protocol';

/** What is remembered between the two halves of a proof: a redirect to a provider, a challenge, a code on the host. Used once. */
export interface SignInState {
  /** SHA-256 of the secret that comes back. */
  readonly id: string;
  readonly kind: 'oidc' | 'passkey' | 'host';
  readonly detail: JsonObject;
  readonly expiresAt: number;
}
export interface SignInStateReads {
  count(kind: SignInState['kind']): Promise<number>;
}
export interface SignInStateWrites extends SignInStateReads {
  insert(state: SignInState): Promise<void>;
  /** Takes it away and answers it; of concurrent units one gets it. Null when it is unknown or its time is over. */
  take(id: string, kind: SignInState['kind'], now: number): Promise<SignInState | null>;
  deleteExpired(now: number): Promise<number>;
}
