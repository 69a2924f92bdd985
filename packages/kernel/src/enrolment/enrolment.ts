import type { WorkerScope } from '@countersign/protocol';

/** What lets one worker join, once. Only the SHA-256 of its secret is kept. */
export interface Enrolment {
  readonly id: string;
  readonly hash: string;
  /** Name of the worker that it makes, or gives another key and scope. */
  readonly worker: string;
  readonly scope: WorkerScope;
  /** Root of whoever made it. */
  readonly madeBy: string;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly outcome: 'redeemed' | 'revoked' | null;
  /** The key that it was redeemed for. */
  readonly keyid: string | null;
  readonly closedAt: number | null;
}
export interface EnrolmentReads {
  byHash(hash: string): Promise<Enrolment | null>;
  get(id: string): Promise<Enrolment | null>;
  /** Newest first. */
  list(limit: number): Promise<Enrolment[]>;
}
export interface EnrolmentWrites extends EnrolmentReads {
  insert(enrolment: Enrolment): Promise<void>;
  /** Closes an open one; false when it was closed before. Of concurrent units one gets true. */
  close(
    id: string,
    closing: { readonly outcome: 'redeemed' | 'revoked'; readonly keyid: string | null; readonly at: number },
  ): Promise<boolean>;
}

/** The key of a worker that joined, and what the worker may do. */
export interface WorkerKey {
  readonly worker: string;
  /** `sha256:` and the hex SHA-256 of the raw public key. */
  readonly keyid: string;
  /** Raw Ed25519 public key in base64. */
  readonly publicKey: string;
  /** The token row that stands for it: revoking that ends the key. */
  readonly tokenId: string;
  readonly scope: WorkerScope;
  readonly enrolledAt: number;
}
export interface WorkerKeyReads {
  byKeyid(keyid: string): Promise<WorkerKey | null>;
  get(worker: string): Promise<WorkerKey | null>;
  list(): Promise<WorkerKey[]>;
}
export interface WorkerKeyWrites extends WorkerKeyReads {
  /** A worker has one key: another takes its place. */
  put(key: WorkerKey): Promise<void>;
}
