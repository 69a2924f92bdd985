import type { Requester } from '@countersign/kernel';
import type { AuditBody, Principal } from '@countersign/protocol';

export type Actor = AuditBody['actor'];

/** Who did it, for the audit entry. */
export function actorOf(principal: Principal): Actor {
  return { principal: principal.name, root: principal.root, ai: principal.ai };
}
/** Who asks for a change, as its operation keeps it. */
export function requesterOf({ id: principal, name, root, ai, kind, role }: Principal): Requester {
  return { principal, name, root, ai, kind, role };
}
/** The server itself. */
export const systemActor: Actor = { principal: 'system', root: 'system', ai: false };
/** A worker. */
export function workerActor(worker: string): Actor {
  return { principal: `worker:${worker}`, root: `worker:${worker}`, ai: false };
}

/** What every call carries: who calls and the id that ties log lines, audit entries and the answer together. */
export interface Caller {
  readonly principal: Principal;
  /** The bearer token it came with; absent in process. */
  readonly tokenId?: string;
  readonly correlationId: string;
}
