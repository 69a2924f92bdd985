/** Files kept by their content's hash beside the database. */
export interface ArtifactFiles {
  /** Stores the bytes durably; `sha256` is 64 hex digits. */
  put(bytes: Uint8Array): Promise<{ sha256: string; sizeBytes: number }>;
  /** The bytes, or null when there are none under that hash. */
  get(sha256: string): Promise<Uint8Array | null>;
  /** Removes the bytes, unless somebody stored them again just now. */
  remove(sha256: string): Promise<void>;
  /** Proves that a file can be written now; throws E_STORE where the volume takes none. */
  ping(): Promise<void>;
  /** The volume that they lie on, in bytes: all of it, and what this process may still use. */
  space(): Promise<{ sizeBytes: number; freeBytes: number }>;
}
