import type { Client } from '@countersign/client';
import type { TrustRoot } from '@countersign/protocol';
import type { Pace } from '../unknown/answer-alike.ts';

/** What one served request, or one connection over stdio, works with. It keeps nothing between two questions. */
export interface Bridge {
  /** The server, reached with the caller's own token and no other authority. */
  readonly client: Client;
  readonly pace: Pace;
  /** Public keys that were kept elsewhere; null where only those that the server publishes are at hand. */
  readonly trust: TrustRoot | null;
  /** The repository that `ops://context` is about; null where it is the only one that the caller sees. */
  readonly repository: string | null;
}
