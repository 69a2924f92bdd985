import type { GroupState, WaveStop } from '@countersign/protocol';

/** One operation of a wave, and the thing that it is about. */
export interface GroupMember {
  readonly opId: string;
  readonly target: string;
  readonly name: string;
}

/** A group of operations that runs in waves. Groups that run each operation by itself have no such record. Times are epoch milliseconds. */
export interface GroupRecord {
  readonly id: string;
  readonly state: GroupState;
  readonly action: string;
  /** The label selector that named its members when it was proposed; null where names did. */
  readonly labels: string | null;
  readonly waves: readonly (readonly GroupMember[])[];
  /** How many waves have begun. */
  readonly begun: number;
  readonly requester: { readonly name: string; readonly root: string };
  readonly start: GroupStart | null;
  readonly stop: WaveStop | null;
  readonly correlationId: string;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** Who started a group, and the digest of each plan that it was started by: no wave begins with any other. */
export interface GroupStart {
  readonly by: { readonly principal: string; readonly root: string; readonly ai: boolean };
  /** The token that they came with; null for a session. */
  readonly tokenId: string | null;
  readonly digests: Readonly<Record<string, string>>;
  readonly correlationId: string;
}

export interface GroupReads {
  get(id: string): Promise<GroupRecord | null>;
  /** Ids of those that run, oldest first. */
  running(): Promise<string[]>;
}
export interface GroupWrites extends GroupReads {
  insert(group: GroupRecord): Promise<void>;
  /** Reads one row and locks it until the unit ends: of servers that look at the same group, one moves it. */
  lock(id: string): Promise<GroupRecord | null>;
  save(group: GroupRecord): Promise<void>;
}
