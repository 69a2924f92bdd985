import {
  type Authenticated,
  actorOf,
  authenticate,
  type Caller,
  type EngineContext,
  recordAlone,
} from '@countersign/engine';
import { roleReaches } from '@countersign/kernel';
import {
  CodedError,
  type Outcome,
  type Permission,
  type Principal,
  type Role,
  type RouteDefinition,
} from '@countersign/protocol';
import type { FastifyRequest } from 'fastify';
import { authenticateCookie, sessionCookieOf } from './session-cookie.ts';

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

async function refuseRole(
  context: EngineContext,
  principal: Principal,
  permission: Permission,
  request: FastifyRequest,
): Promise<never> {
  await recordAlone(context, {
    event: 'access.refused',
    actor: actorOf(principal),
    subject: { kind: 'route', id: `${request.method} ${request.routeOptions.url ?? ''}` },
    outcome: 'refused',
    correlationId: request.id,
    detail: { role: principal.role, needs: permission },
  });
  throw new CodedError('E_AUTH_FORBIDDEN', `this needs the role "${permission}"; your token has "${principal.role}"`, {
    needs: permission,
    next: 'ask an administrator for a token with that role',
  });
}

/** Lanes that a browser's session reaches. */
const sessionLanes: readonly string[] = ['ui', 'admin', 'auth'];

/** Who a request comes from, by its bearer token or, where the lane takes one and no token is sent, by its session's cookie. */
async function identify(
  context: EngineContext,
  route: RouteDefinition,
  request: FastifyRequest,
): Promise<Outcome<Authenticated>> {
  const cookie = sessionLanes.includes(route.lane) ? sessionCookieOf(request.headers.cookie) : undefined;
  if (cookie !== undefined && request.headers.authorization === undefined)
    return await authenticateCookie(context, cookie);
  return await authenticate(context, bearer(request));
}

/** The caller behind a request. Every refusal leaves an audit entry. */
export async function authenticateRequest(
  context: EngineContext,
  route: RouteDefinition,
  request: FastifyRequest,
): Promise<Caller> {
  const { permission } = route;
  const found = await identify(context, route, request);
  if (!found.ok) {
    await recordAlone(context, {
      event: 'auth.refused',
      actor: { principal: 'unknown', root: 'unknown', ai: false },
      subject: { kind: 'route', id: `${request.method} ${request.routeOptions.url ?? ''}` },
      outcome: 'refused',
      correlationId: request.id,
    });
    throw new CodedError(found.code, found.message, found.detail);
  }
  const { principal } = found.value;
  if (!allows(principal.role, permission)) return await refuseRole(context, principal, permission, request);
  return { ...found.value, correlationId: request.id };
}
