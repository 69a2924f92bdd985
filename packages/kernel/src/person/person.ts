import type { Grant } from '@countersign/protocol';

/** Who a person is at a provider: the issuer's own name for them, never a mail address. */
export interface ExternalIdentity {
  readonly issuer: string;
  readonly subject: string;
}

/** Somebody who may sign in. Their name is the root of everything they make. */
export interface Person {
  readonly id: string;
  /** Unique, also without regard to case. */
  readonly name: string;
  readonly grants: readonly Grant[];
  readonly groups: readonly string[];
  readonly state: 'active' | 'disabled';
  /** argon2id in PHC form; null for those who sign in otherwise. */
  readonly passwordHash: string | null;
  readonly identity: ExternalIdentity | null;
  /** Root of whoever invited them, or the provider that brought them. */
  readonly invitedBy: string;
  readonly createdAt: number;
  readonly signedInAt: number | null;
}
export interface PersonReads {
  get(id: string): Promise<Person | null>;
  byName(name: string): Promise<Person | null>;
  byIdentity(identity: ExternalIdentity): Promise<Person | null>;
  /** By name. */
  list(): Promise<Person[]>;
}
export interface PersonWrites extends PersonReads {
  /** Reads a person and keeps others from changing them until the unit ends. */
  lock(id: string): Promise<Person | null>;
  /** False when the name, in any case, or the identity belongs to somebody. */
  insert(person: Person): Promise<boolean>;
  save(person: Person): Promise<void>;
}
