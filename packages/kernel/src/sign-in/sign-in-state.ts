import type { JsonObject } from '@countersign/protocol';

/** What is remembered between the two halves of a proof: a redirect to a provider, a challenge, a code on the host. Used once. */
export interface SignInState {
  /** SHA-256 of the secret that comes back. */
  readonly id: string;
  readonly kind: 'oidc' | 'passkey' | 'host';
  /** Whose it is: a person, a token, or the address that somebody unknown comes from. */
  readonly owner: string;
  readonly detail: JsonObject;
  readonly expiresAt: number;
}
/** How many of one kind may stand: of each owner, and in all. */
export interface SignInRoom {
  readonly perOwner: number;
  readonly total: number;
}
export interface SignInStateReads {
  count(kind: SignInState['kind']): Promise<number>;
}
export interface SignInStateWrites extends SignInStateReads {
  /**
   * Makes room for one more: takes away the owner's oldest where they have all that they may, and where all of the kind is taken
   * the oldest of whoever has most. Answers what was taken away.
   */
  makeRoom(kind: SignInState['kind'], owner: string, room: SignInRoom): Promise<SignInState[]>;
  insert(state: SignInState): Promise<void>;
  /** Takes it away and answers it; of concurrent units one gets it. Null when it is unknown or its time is over. */
  take(id: string, kind: SignInState['kind'], now: number): Promise<SignInState | null>;
  deleteExpired(now: number): Promise<number>;
}
