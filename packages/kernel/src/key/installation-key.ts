import type { DsseEnvelope, KeyPurpose, KeyState } from '@countersign/protocol';

/** The public half of a signing key, and its place in the chain of keys. */
export interface InstallationKey {
  readonly keyid: string;
  readonly name: string;
  /** The raw 32 bytes in base64. */
  readonly publicKey: string;
  readonly purposes: readonly KeyPurpose[];
  readonly state: KeyState;
  readonly fromSize: number | null;
  readonly untilSize: number | null;
  /** The rotation by which the key before vouched for this one; null for the first. */
  readonly statement: DsseEnvelope | null;
  /** The checkpoint, signed by both, at which this one took over. */
  readonly checkpoint: string | null;
  readonly createdAt: number;
}

export interface KeyReads {
  /** Oldest first. */
  list(): Promise<InstallationKey[]>;
}
export interface KeyWrites extends KeyReads {
  /** The key, held as it is until the unit ends: no rotation can commit meanwhile. Several units may hold it. */
  hold(keyid: string): Promise<InstallationKey | null>;
  /** The key, locked against everyone else until the unit ends. */
  lock(keyid: string): Promise<InstallationKey | null>;
  insert(key: InstallationKey): Promise<void>;
  save(key: InstallationKey): Promise<void>;
}
