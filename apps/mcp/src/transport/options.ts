import type { TrustRoot } from '@countersign/protocol';

/** What both transports need. */
export interface McpOptions {
  /** Address of the Countersign server. */
  readonly url: string;
  readonly version: string;
  /** Public keys that were kept elsewhere, for verify_evidence; null for those that the server publishes. */
  readonly trust: TrustRoot | null;
  /** Name of the repository that ops://context is about; null for the only one. */
  readonly repository: string | null;
  /** Says what went wrong beside an answer, on a line of its own; never a token. */
  tell(message: string): void;
}
