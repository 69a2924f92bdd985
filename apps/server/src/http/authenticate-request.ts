import {
  type Authenticated,
  actorOf,
  authenticate,
  authenticateSession,
  type Caller,
  type EngineContext,
  recordAlone,
} from '@countersign/engine';
import { installationRole, roleReaches } from '@countersign/kernel';
import {
  CodedError,
  type JsonObject,
  type Outcome,
  type Permission,
  type Principal,
  type Refusal,
  type Role,
  type RouteDefinition,
} from '@countersign/protocol';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { RouteLimit } from '../limit/route-limit.ts';
import { isBrowserLane, sessionOf } from './browser-rules.ts';
import type { WebSettings } from './web-origin.ts';

/** What a route asks of whoever calls it. */
export interface Gate {
  readonly context: EngineContext;
  readonly route: RouteDefinition;
  readonly web: WebSettings;
  readonly limit: RouteLimit;
}

/** Whether a role reaches a permission. `worker` reaches the worker lane and nothing else. */
export function allows(role: Role, permission: Permission): boolean {
  if (permission === 'none') return true;
  if (role === 'worker' || permission === 'worker') return role === permission;
  return roleReaches(role, permission);
}

function bearer(request: FastifyRequest): string {
  const header = request.headers.authorization;
  const token = header === undefined ? undefined : /^Bearer ([\x21-\x7e]{1,512})$/i.exec(header)?.[1];
  if (token === undefined) {
    throw new CodedError('E_AUTH_REQUIRED', 'a bearer token is needed', {
      next: 'send "authorization: Bearer <token>"; the first token is in admin.token in the data directory',
    });
  }
  return token;
}

function routeSubject(request: FastifyRequest): { kind: string; id: string } {
  return { kind: 'route', id: `${request.method} ${request.routeOptions.url ?? ''}` };
}

async function refuseAccess(
  { context }: Gate,
  principal: Principal,
  request: FastifyRequest,
  message: string,
  detail: JsonObject,
): Promise<never> {
  await recordAlone(context, {
    event: 'access.refused',
    actor: actorOf(principal),
    subject: routeSubject(request),
    outcome: 'refused',
    correlationId: request.id,
    detail: { role: principal.role, ...detail },
  });
  throw new CodedError('E_AUTH_FORBIDDEN', message, { ...detail, next: 'ask an administrator for what it needs' });
}

/** Whether the principal holds the route's role, where the route asks for it, and its token the scope. */
async function assertMay(gate: Gate, principal: Principal, request: FastifyRequest): Promise<void> {
  const { permission, reach, scope } = gate.route;
  if (!allows(principal.role, permission)) {
    const message = `this needs the role "${permission}"; yours is "${principal.role}"`;
    await refuseAccess(gate, principal, request, message, { needs: permission });
  }
  const whole = reach === 'installation' ? installationRole(principal) : principal.role;
  if (whole === null || !allows(whole, permission)) {
    const message = `this needs the role "${permission}" in every project; yours is for some`;
    await refuseAccess(gate, principal, request, message, { needs: permission, reach });
  }
  if (scope !== null && principal.scopes !== null && !principal.scopes.includes(scope)) {
    await refuseAccess(gate, principal, request, `this needs the scope "${scope}", which the token lacks`, { scope });
  }
}

/** Who a request comes from: a session where the lane takes one and it came, else a bearer token. */
async function prove({ context, route, web }: Gate, request: FastifyRequest): Promise<Outcome<Authenticated>> {
  if (isBrowserLane(route.lane)) {
    const session = sessionOf(context, route, request, web);
    if (!session.ok) return session;
    if (session.value !== null) return await authenticateSession(context, session.value);
  }
  return await authenticate(context, bearer(request), request.ip);
}

/** Counts and records a request that proved nothing, and refuses it. */
async function refuseProof({ context, limit }: Gate, request: FastifyRequest, refusal: Refusal): Promise<never> {
  await limit.afterRefusal(request);
  await recordAlone(context, {
    event: 'auth.refused',
    actor: { principal: 'unknown', root: 'unknown', ai: false },
    subject: routeSubject(request),
    outcome: 'refused',
    correlationId: request.id,
    detail: { code: refusal.code },
  });
  throw new CodedError(refusal.code, refusal.message, refusal.detail);
}

/**
 * The caller behind a request: refused by credential, by budget, and by role, reach and scope. Every refusal leaves an audit entry, a spent budget one in a minute.
 */
export async function authenticateRequest(gate: Gate, request: FastifyRequest, reply: FastifyReply): Promise<Caller> {
  const found = await prove(gate, request);
  if (!found.ok) return await refuseProof(gate, request, found);
  const { principal } = found.value;
  await gate.limit.ofPrincipal(request, reply, principal.id, actorOf(principal));
  await assertMay(gate, principal, request);
  return { ...found.value, correlationId: request.id };
}

/** Lets in whoever asks for what is open to everybody: within the budget of an address, and from a page that may ask. */
export async function admitAnybody(gate: Gate, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const { context, route, web, limit } = gate;
  await limit.ofAddress(request, reply);
  const from = route.lane === 'auth' ? sessionOf(context, route, request, web) : null;
  if (from?.ok === false) await refuseProof(gate, request, from);
}
