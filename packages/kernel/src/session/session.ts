/** How somebody proved who they are when a session began. */
export type SignInMethod = 'password' | 'totp' | 'passkey' | 'oidc' | 'invite';

/** One signed-in browser of one person. Only the SHA-256 of its secret is kept. */
export interface PersonSession {
  readonly id: string;
  /** Changes at every step-up: the secret from before is worth nothing then. */
  readonly hash: string;
  readonly personId: string;
  readonly method: SignInMethod;
  /** Where the sign-in came from. */
  readonly address: string;
  readonly userAgent: string;
  readonly createdAt: number;
  readonly seenAt: number;
  /** End of the session however busy it is. */
  readonly expiresAt: number;
  readonly steppedUpAt: number | null;
  readonly endedAt: number | null;
}
export interface SessionReads {
  byHash(hash: string): Promise<PersonSession | null>;
  get(id: string): Promise<PersonSession | null>;
  /** Those of a person that live at `now`, newest first. */
  live(personId: string, now: number, idleMs: number): Promise<PersonSession[]>;
  /** Those of these sessions that do not live any more at `now`. */
  endedOf(ids: readonly string[], now: number, idleMs: number): Promise<string[]>;
  /** Whether the person ever signed in from there, as far as sessions are kept. */
  knowsAddress(personId: string, address: string): Promise<boolean>;
}
export interface SessionWrites extends SessionReads {
  insert(session: PersonSession): Promise<void>;
  /** Gives the session a new secret; false when another came first or the session has ended. */
  rotate(id: string, from: string, to: string, steppedUpAt: number | null): Promise<boolean>;
  /** Notes a use; never moves back in time. */
  touch(id: string, at: number): Promise<void>;
  /** False when it had ended. */
  end(id: string, at: number): Promise<boolean>;
  /** Ends all of a person but, if given, one; answers their ids. */
  endAll(personId: string, at: number, except: string | null): Promise<string[]>;
  /** Ends every session there is. */
  endEveryone(at: number): Promise<number>;
  /** Deletes what ended or ran out before `before`; answers how many. */
  deleteOld(before: number): Promise<number>;
}
