import { actorOf, type Caller, type EngineContext, recordAlone } from '@countersign/engine';
import {
  CodedError,
  type Flags,
  flagNames,
  type Lane,
  RequestId,
  type RouteDefinition,
  routes,
} from '@countersign/protocol';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { LimitSettings } from '../limit/limit-settings.ts';
import { RouteLimit } from '../limit/route-limit.ts';
import type { Handlers } from '../routes/handlers.ts';
import { admitAnybody, authenticateRequest, type Gate } from './authenticate-request.ts';
import { allowReading, isBrowserLane } from './browser-rules.ts';
import type { Answer, Call } from './handler.ts';
import { parseFrom } from './parse-request.ts';
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
  alias: 1024,
  worker: 64 * 1024 * 1024,
};

function waitOf(request: FastifyRequest): number | null {
  const prefer = request.headers['prefer'];
  const seconds = /(?:^|[,;\s])wait=(\d{1,3})/.exec(Array.isArray(prefer) ? prefer.join(',') : (prefer ?? ''))?.[1];
  return seconds === undefined ? null : Math.min(Number(seconds) * 1000, 60_000);
}

function lastEventIdOf(request: FastifyRequest): number {
  const header = request.headers['last-event-id'];
  const id = Number(Array.isArray(header) ? header[0] : (header ?? 0));
  return Number.isSafeInteger(id) && id >= 0 ? id : 0;
}

const IdempotencyHeader = z.object({ 'idempotency-key': RequestId });
const IdempotencyHeaderOrNone = IdempotencyHeader.partial();

/** `Idempotency-Key`. In the lane of other programs no change comes without one: they ask again when an answer is lost. */
function idempotencyKeyOf(request: FastifyRequest, { lane, method }: RouteDefinition): string | undefined {
  const header = request.headers['idempotency-key'];
  const demanded = lane === 'public' && method === 'POST';
  if (header === undefined && !demanded) return undefined;
  const given = header === undefined ? {} : { 'idempotency-key': header };
  return parseFrom('header', demanded ? IdempotencyHeader : IdempotencyHeaderOrNone, given)['idempotency-key'];
}

/** Aborted when the client goes away, or when the server closes: streams and long polls end, everything else is answered. */
function goneSignal(reply: FastifyReply, closing: AbortSignal): AbortSignal {
  const gone = new AbortController();
  if (reply.raw.closed) gone.abort();
  else reply.raw.on('close', () => gone.abort());
  return AbortSignal.any([gone.signal, closing]);
}

async function send(reply: FastifyReply, answer: Answer): Promise<FastifyReply> {
  if (answer === 'sent') return reply;
  return await reply.code(answer.status).send(answer.body);
}

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
      let signal: AbortSignal | null = null;
      return await send(
        reply,
        await audited(context, request, caller, handle, {
          caller,
          params: route.params === undefined ? {} : parseFrom('params', route.params, request.params),
          query: route.query === undefined ? {} : parseFrom('query', route.query, request.query),
          body: route.body === undefined ? undefined : parseFrom('body', route.body, request.body),
          waitMs: waitOf(request),
          lastEventId: lastEventIdOf(request),
          idempotencyKey: idempotencyKeyOf(request, route),
          // Made when asked for: most handlers end before anyone could go away, and watching costs more than they do.
          get signal() {
            signal ??= goneSignal(reply, closing);
            return signal;
          },
          reply,
        }),
      );
    },
  });
}

/** A principal with the right role may still be refused, as for what belongs to somebody else: that leaves an entry too. */
async function audited(
  context: EngineContext,
  request: FastifyRequest,
  caller: Caller,
  handle: (call: Call) => Promise<Answer>,
  call: Call,
): Promise<Answer> {
  try {
    return await handle(call);
  } catch (error) {
    if (error instanceof CodedError && error.code === 'E_AUTH_FORBIDDEN') {
      await recordAlone(context, {
        event: 'access.refused',
        actor: actorOf(caller.principal),
        subject: { kind: 'route', id: `${request.method} ${request.routeOptions.url ?? ''}` },
        outcome: 'refused',
        correlationId: request.id,
        detail: { role: caller.principal.role, message: error.message },
      });
    }
    throw error;
  }
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
