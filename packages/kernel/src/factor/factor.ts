/** A WebAuthn credential of a person. */
export interface Passkey {
  /** The credential's id, base64url. */
  readonly id: string;
  readonly personId: string;
  /** What its owner calls it. */
  readonly name: string;
  /** COSE key. */
  readonly publicKey: Uint8Array;
  /** Signature counter; stays 0 with authenticators that keep none. */
  readonly counter: number;
  readonly transports: readonly string[];
  readonly createdAt: number;
  readonly lastUsedAt: number | null;
}

/** A person's TOTP secret, sealed under the installation key. It counts once a first code has confirmed it. */
export interface Totp {
  readonly personId: string;
  readonly name: string;
  readonly nonce: Uint8Array;
  readonly ciphertext: Uint8Array;
  readonly createdAt: number;
  readonly confirmedAt: number | null;
  /** The newest time step of which a code was taken: it and those before it are refused. */
  readonly lastStep: number;
}
export interface FactorReads {
  passkeys(personId: string): Promise<Passkey[]>;
  passkey(id: string): Promise<Passkey | null>;
  totp(personId: string): Promise<Totp | null>;
}
export interface FactorWrites extends FactorReads {
  /** False when the credential is known. */
  addPasskey(passkey: Passkey): Promise<boolean>;
  /** Notes a use; false when the counter did not rise although one is kept, as with a copied key. */
  usePasskey(id: string, counter: number, at: number): Promise<boolean>;
  /** False when there is none of that person's. */
  removePasskey(personId: string, id: string): Promise<boolean>;
  /** Replaces the secret of a person. */
  putTotp(totp: Totp): Promise<void>;
  /** Takes a code of `step`, and confirms the secret with the first; false when that step or a later one was taken. */
  useTotp(personId: string, step: number, at: number): Promise<boolean>;
  /** False when there was none. */
  removeTotp(personId: string): Promise<boolean>;
}
