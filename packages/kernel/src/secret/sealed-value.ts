/** A secret at rest: AES-256-GCM under the installation key, named by its HMAC. */
export interface SealedValue {
  /** `hmac:<hex>`; equal secrets of one operation share it. */
  readonly name: string;
  readonly operationId: string;
  readonly nonce: Uint8Array;
  readonly ciphertext: Uint8Array;
  readonly createdAt: number;
}
export interface SealedReads {
  list(operationId: string): Promise<SealedValue[]>;
}
export interface SealedWrites extends SealedReads {
  put(value: SealedValue): Promise<void>;
  delete(operationId: string): Promise<void>;
}
