import type { SessionUses } from '../session/session-uses.ts';
import type { LimitNotes } from './limit-notes.ts';
import type { HostCodes, IdentityProvider, PasskeyVerifier, PasswordHasher, RelyingParty } from './ports.ts';

/** Fixed settings of signing in. Times in milliseconds. */
export interface SignInSettings {
  /** Where browsers find this server, without a slash at the end. */
  readonly publicUrl: string;
  /** How long a session lives that nobody uses. */
  readonly idleMs: number;
  /** How long a session lives at most. */
  readonly sessionMs: number;
  readonly inviteMs: number;
  /** Null where the public address has no domain, as passkeys want one. */
  readonly relyingParty: RelyingParty | null;
}

/** Everything by which people sign in. */
export interface SignIn {
  readonly settings: SignInSettings;
  readonly passwords: PasswordHasher;
  readonly passkeys: PasskeyVerifier;
  readonly providers: readonly IdentityProvider[];
  readonly hostCodes: HostCodes;
  readonly uses: SessionUses;
  /** Tries that were refused unseen, until the log says so. */
  readonly limited: LimitNotes;
}

/** Where a sign-in comes from. */
export interface SignInOrigin {
  readonly address: string;
  readonly userAgent: string;
  /** Secret of the session that the browser still has; null without one. */
  readonly formerSecret: string | null;
  readonly correlationId: string;
}
