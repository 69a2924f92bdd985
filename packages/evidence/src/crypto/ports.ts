/** SHA-256 at once: bytes in, 32 bytes out. For the server, where hashing is part of a decision. */
export type Sha256 = (bytes: Uint8Array) => Uint8Array;

/** SHA-256 of either kind. What verifies awaits it, so that one algorithm serves Node and the browser. */
export type AnySha256 = (bytes: Uint8Array) => Uint8Array | Promise<Uint8Array>;

/** What verification needs from its runtime. A signature or key of wrong length or form is `false`, never an error. */
export interface VerifyCrypto {
  /** SHA-256, 32 bytes. */
  sha256(bytes: Uint8Array): Promise<Uint8Array>;
  /** Pure Ed25519 (RFC 8032) over the whole message; the public key is its raw 32 bytes, the signature 64 bytes. */
  verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean>;
}

/** An Ed25519 key that signs. */
export interface Signer {
  /** `sha256:` and the hex SHA-256 of the raw public key. */
  readonly keyid: string;
  /** The key's name, which a checkpoint's signature line carries: `countersign/<installation>`. */
  readonly name: string;
  /** The raw 32 bytes of the public key. */
  readonly publicKey: Uint8Array;
  /** The 64-byte signature. Deterministic: the same bytes give the same signature. */
  sign(bytes: Uint8Array): Uint8Array;
}
