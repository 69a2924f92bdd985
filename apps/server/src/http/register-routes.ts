import { actorOf, type Caller, type EngineContext, recordAlone } from '@countersign/engine';
import { CodedError, type Flags, flagNames, type Lane, type RouteDefinition, routes } from '@countersign/protocol';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { LimitSettings } from '../limit/limit-settings.ts';
import { RouteLimit } from '../limit/route-limit.ts';
import type { Handlers } from '../routes/handlers.ts';
import { admitAnybody, authenticateRequest, type Gate } from './authenticate-request.ts';
import { allowReading, isBrowserLane } from './browser-rules.ts';
import type { Answer, Call } from './handler.ts';
import { ParsedCall } from './parsed-call.ts';
import type { WebSettings } from './web-origin.ts';

/** What decides how routes are served. */
export interface RouteSettings {
  readonly flags: Flags;
  readonly web: WebSettings;
  readonly limits: LimitSettings;
}

const nobody: Caller = {
  principal: {
    id: 'nobody',
    name: 'nobody',
    kind: 'service',
    role: 'viewer',
    grants: [],
    groups: [],
    scopes: [],
    root: 'nobody',
    ai: false,
  },
  credential: { kind: 'internal' },
  steppedUpAt: null,
  correlationId: '',
};
/** Bytes that a body may have, by lane. */
const bodyLimits: Readonly<Record<Lane, number>> = {
  // A browser's report names the whole policy.
  probe: 16 * 1024,
  ui: 16 * 1024 * 1024,
  auth: 64 * 1024,
  admin: 64 * 1024,
  public: 4 * 1024 * 1024,
  alias: 1024 * 1024,
  worker: 64 * 1024 * 1024,
};

/** Answers every request to a route whose flag is off. */
function disabled(flag: string): CodedError {
  return new CodedError('E_CAPABILITY_DISABLED', `"${flag}" is turned off here`, {
    flag,
    next: 'GET /v1/meta says what is on; an administrator turns it on with flags in countersign.yaml',
  });
}

/** What a request must pass before its body is read; none where a route is open to everybody without end. */
function gateHook(
  gate: Gate,
  flags: Flags,
): ((request: FastifyRequest, reply: FastifyReply) => Promise<void>) | undefined {
  const { route, web } = gate;
  const { flag } = route;
  if (flag !== undefined && !flags[flag]) {
    return async () => {
      throw disabled(flag);
    };
  }
  const readable = isBrowserLane(route.lane) && web.mode !== 'same_origin';
  if (route.permission === 'none' && route.limit === 'probe' && !readable) return undefined;
  return async (request, reply) => {
    if (readable) allowReading(request, reply, web);
    if (route.permission === 'none') await admitAnybody(gate, request, reply);
    else request.caller = await authenticateRequest(gate, request, reply);
  };
}

function registerOne(
  app: FastifyInstance,
  gate: Gate,
  id: string,
  handle: (call: Call) => Promise<Answer>,
  flags: Flags,
  closing: AbortSignal,
): void {
  const { context, route } = gate;
  const onRequest = gateHook(gate, flags);
  app.route({
    method: route.method,
    url: route.path,
    bodyLimit: bodyLimits[route.lane],
    config: { routeId: id, lane: route.lane, permission: route.permission },
    ...(onRequest === undefined ? {} : { onRequest }),
    handler: async (request, reply) => {
      const caller = request.caller ?? { ...nobody, correlationId: request.id };
      try {
        const answer = await handle(new ParsedCall(route, caller, request, reply, closing));
        return answer === 'sent' ? reply : reply.code(answer.status).send(answer.body);
      } catch (error) {
        await noteRefusal(context, request, caller, error);
        throw error;
      }
    },
  });
}

/** A principal with the right role may still be refused, as for what belongs to somebody else: that leaves an entry too. */
async function noteRefusal(
  context: EngineContext,
  request: FastifyRequest,
  { principal }: Caller,
  error: unknown,
): Promise<void> {
  if (!(error instanceof CodedError) || error.code !== 'E_AUTH_FORBIDDEN') return;
  await recordAlone(context, {
    event: 'access.refused',
    actor: actorOf(principal),
    subject: { kind: 'route', id: `${request.method} ${request.routeOptions.url ?? ''}` },
    outcome: 'refused',
    correlationId: request.id,
    detail: { role: principal.role, message: error.message },
  });
}

/** A flag that guards nothing would promise what does not happen. */
export function refuseIdleFlags(names: readonly string[], table: readonly RouteDefinition[]): void {
  for (const name of names) {
    if (!table.some(({ flag }) => flag === name)) throw new CodedError('E_INTERNAL', `flag ${name} guards no route`);
  }
}

/**
 * Registers routes of the table. A route without handler, a registered route without lane and permission, and a flag that
 * guards no route stop the boot.
 */
export function registerRoutes(
  app: FastifyInstance,
  context: EngineContext,
  handlers: Handlers,
  settings: RouteSettings,
  serves: (route: RouteDefinition) => boolean,
): void {
  const closing = new AbortController();
  app.addHook('preClose', async () => closing.abort());
  app.decorateRequest('caller', null);
  const table: [string, RouteDefinition][] = Object.entries(routes);
  refuseIdleFlags(
    flagNames,
    table.map(([, route]) => route),
  );
  const byName = new Map(Object.entries(handlers));
  for (const [id, route] of table) {
    const handle = byName.get(route.mirrors ?? id);
    if (handle === undefined) throw new CodedError('E_INTERNAL', `route ${id} has no handler`);
    if (!serves(route)) continue;
    const limit = new RouteLimit(context, route, settings.limits);
    const gate: Gate = { context, route, web: settings.web, limit };
    registerOne(app, gate, id, (call) => invoke(handle, call), settings.flags, closing.signal);
  }
}

// The table's schema of the very route parsed the call, so its handler's own parameter type holds.
function invoke(handle: unknown, call: Call): Promise<Answer> {
  if (typeof handle !== 'function') throw new CodedError('E_INTERNAL', 'a handler is a function');
  return handle(call);
}
