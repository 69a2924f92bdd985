import type { WorkerAuditFact } from '@countersign/protocol';

/** Where a worker notes for itself what it was asked and what it did: kept beside the targets, whatever the server says later. */
export interface WorkAudit {
  /** Resolves once the entry is durable, in the order of the calls. Throws CodedError E_STORE where it cannot be. */
  record(fact: WorkerAuditFact): Promise<void>;
  /** Writes what waits and lets go of the files. */
  close(): Promise<void>;
}
