import type { Grant, NewPasskeyAnswer, PasskeyAnswer } from '@countersign/protocol';

/** Makes and compares password hashes; whoever calls has been let through by the limits. */
export interface PasswordHasher {
  hash(password: string): Promise<string>;
  verify(hash: string, password: string): Promise<boolean>;
  /** A hash that nobody knows the password of, as costly to compare with as any: for names that nobody has. */
  readonly decoy: string;
  /** Whether it was made with other settings than a new one would be. */
  isOutdated(hash: string): boolean;
}

/** Who this server is to a passkey: its domain, and the pages that may ask for one. */
export interface RelyingParty {
  readonly id: string;
  readonly name: string;
  readonly origins: readonly string[];
}
/** What an authenticator made. */
export interface NewPasskey {
  readonly id: string;
  readonly publicKey: Uint8Array;
  readonly counter: number;
  readonly transports: readonly string[];
}
/** Checks what browsers answer, by WebAuthn; user verification is demanded. Answers null for what does not hold. */
export interface PasskeyVerifier {
  created(party: RelyingParty, challenge: string, answer: NewPasskeyAnswer): Promise<NewPasskey | null>;
  /** The new signature counter. */
  asserted(
    party: RelyingParty,
    challenge: string,
    answer: PasskeyAnswer,
    passkey: Omit<NewPasskey, 'transports'>,
  ): Promise<{ counter: number } | null>;
}

/** What a provider says of somebody. */
export interface ExternalProfile {
  readonly issuer: string;
  readonly subject: string;
  /** What the person is called there; null where the provider does not say. */
  readonly name: string | null;
  readonly groups: readonly string[];
}
/** What the members of a provider's group get here. */
export interface GroupMapping {
  readonly group: string;
  readonly grants: readonly Grant[];
  readonly groups: readonly string[];
}
/** What is to come back from a provider. */
export interface ProviderChecks {
  readonly state: string;
  readonly nonce: string;
  /** PKCE. */
  readonly verifier: string;
}
/** An OpenID provider. */
export interface IdentityProvider {
  readonly name: string;
  readonly label: string;
  /** With entries, members of these groups need no invite, and what they may do follows their groups at each sign-in. */
  readonly mapping: readonly GroupMapping[];
  /** The address that the browser is sent to. Throws E_PROVIDER where the provider cannot be reached. */
  begin(checks: ProviderChecks, redirectUri: string): Promise<string>;
  /** Exchanges the code in the address that the browser came back to. `why` is for the log, not for the browser. */
  finish(
    checks: ProviderChecks,
    currentUrl: string,
  ): Promise<{ readonly ok: true; readonly profile: ExternalProfile } | { readonly ok: false; readonly why: string }>;
}

/** Writes one-time codes where only somebody on the host can read them. */
export interface HostCodes {
  /** Answers the file's path. */
  write(id: string, code: string): Promise<string>;
  remove(id: string): Promise<void>;
}
