import { actorOf, type Caller, type EngineContext, recordAlone } from '@countersign/engine';
import { CodedError, type Lane, RequestId, type RouteDefinition, type RouteId, routes } from '@countersign/protocol';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Handlers } from '../routes/handlers.ts';
import { authenticateRequest } from './authenticate-request.ts';
import type { Answer, Call } from './handler.ts';
import { parseFrom } from './parse-request.ts';

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
  probe: 1024,
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

function idempotencyKeyOf(request: FastifyRequest): string | undefined {
  const header = request.headers['idempotency-key'];
  return header === undefined
    ? undefined
    : parseFrom('header', z.object({ 'idempotency-key': RequestId }), { 'idempotency-key': header })['idempotency-key'];
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

function registerOne(
  app: FastifyInstance,
  context: EngineContext,
  id: RouteId,
  route: RouteDefinition,
  handle: (call: Call) => Promise<Answer>,
  closing: AbortSignal,
): void {
  app.route({
    method: route.method,
    url: route.path,
    bodyLimit: bodyLimits[route.lane],
    config: { routeId: id, lane: route.lane, permission: route.permission },
    handler: async (request, reply) => {
      const caller =
        route.permission === 'none'
          ? { ...nobody, correlationId: request.id }
          : await authenticateRequest(context, route, request);
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
          idempotencyKey: idempotencyKeyOf(request),
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

/** Registers every route of the table. A route of the table without handler, or a registered route without lane and permission, stops the boot. */
export function registerRoutes(app: FastifyInstance, context: EngineContext, handlers: Handlers): void {
  const closing = new AbortController();
  app.addHook('preClose', async () => closing.abort());
  for (const [id, route] of Object.entries(routes)) {
    const handle = Object.entries(handlers).find(([name]) => name === id)?.[1];
    if (handle === undefined) throw new CodedError('E_INTERNAL', `route ${id} has no handler`);
    registerOne(app, context, idOf(id), route, (call) => invoke(handle, call), closing.signal);
  }
}

function idOf(id: string): RouteId {
  for (const known of Object.keys(routes)) if (known === id && isRouteId(known)) return known;
  throw new CodedError('E_INTERNAL', `route ${id} is not in the table`);
}
function isRouteId(id: string): id is RouteId {
  return Object.hasOwn(routes, id);
}

// The table's schema of the very route parsed the call, so its handler's own parameter type holds.
function invoke(handle: unknown, call: Call): Promise<Answer> {
  if (typeof handle !== 'function') throw new CodedError('E_INTERNAL', 'a handler is a function');
  return handle(call);
}
