import { type Place, type Requester, roleAt } from '@countersign/kernel';
import { type AuditBody, CodedError, type Principal } from '@countersign/protocol';

export type Actor = AuditBody['actor'];

/** Who did it, for the audit entry. */
export function actorOf(principal: Principal): Actor {
  return { principal: principal.name, root: principal.root, ai: principal.ai };
}
/** Who asks for something at a place, with the role held there: what an operation keeps and what policy is asked about. */
export function requesterOf(principal: Principal, place: Place): Requester {
  const role = roleAt(principal, place);
  if (role === null) throw new CodedError('E_INTERNAL', `${principal.id} has no role in ${place.project}`);
  const { id, name, root, ai, kind } = principal;
  return { principal: id, name, root, ai, kind, role };
}
/** The server itself. */
export const systemActor: Actor = { principal: 'system', root: 'system', ai: false };
/** A worker. */
export function workerActor(worker: string): Actor {
  return { principal: `worker:${worker}`, root: `worker:${worker}`, ai: false };
}

/** What a call proved itself with: a bearer token, a person's session, or nothing, because it comes from inside the process. */
export type Credential =
  | { readonly kind: 'token'; readonly id: string }
  | { readonly kind: 'session'; readonly id: string }
  | { readonly kind: 'internal' };

/** What every call carries: who calls, and the id that ties log lines, audit entries and the answer together. */
export interface Caller {
  readonly principal: Principal;
  readonly credential: Credential;
  /** When the person last proved freshly who they are, in epoch ms; null for never. */
  readonly steppedUpAt: number | null;
  readonly correlationId: string;
}

export { stepUpFreshMs } from '@countersign/protocol';

/** A call from inside the process. */
export function internalCaller(principal: Principal, correlationId: string): Caller {
  return { principal, credential: { kind: 'internal' }, steppedUpAt: null, correlationId };
}

/** The id of the bearer token that a call came with; null for any other. */
export function tokenIdOf({ credential }: Pick<Caller, 'credential'>): string | null {
  return credential.kind === 'token' ? credential.id : null;
}
