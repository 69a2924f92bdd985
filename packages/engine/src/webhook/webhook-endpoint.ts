import type { AuditEventName } from '@countersign/protocol';

/** One place that is told of audit events. */
export interface WebhookEndpoint {
  readonly name: string;
  /** Where it stands, without path and query: they may hold a secret. */
  readonly origin: string;
  readonly events: readonly AuditEventName[];
  /** Attempts at one event before it is a dead letter. */
  readonly mostAttempts: number;
  /** Hands over one CloudEvent as JSON. Throws where the place does not take it; ends early when the signal is aborted. */
  post(event: { readonly id: string; readonly body: string }, signal: AbortSignal): Promise<void>;
}
