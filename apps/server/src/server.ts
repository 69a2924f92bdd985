import { randomUUID } from 'node:crypto';
import { type Caller, type EngineContext, withoutSecrets } from '@countersign/engine';
import { CodedError, Flags, type RouteDefinition, routes, type WorkerPort } from '@countersign/protocol';
import {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  fastify,
  LogController,
} from 'fastify';
import { AddressBook } from './http/allowed-methods.ts';
import { registerAnswerHeaders } from './http/answer-headers.ts';
import { answerPreflight } from './http/answer-preflight.ts';
import { envelopeOf, mapError, problemOf } from './http/error-mapper.ts';
import { registerBodyReader } from './http/read-body.ts';
import { type RouteSettings, registerRoutes } from './http/register-routes.ts';
import { type ServerTls, tlsServer } from './http/tls-server.ts';
import { defaultWeb } from './http/web-origin.ts';
import { defaultLimits } from './limit/limit-settings.ts';
import { createMetrics } from './metrics/metrics.ts';
import { referencePrefix, registerReference } from './reference/register-reference.ts';
import { accountRoutes } from './routes/account-routes.ts';
import { actionRoutes } from './routes/action-routes.ts';
import { auditRoutes } from './routes/audit-routes.ts';
import { authRoutes } from './routes/auth-routes.ts';
import { backupRoutes } from './routes/backup-routes.ts';
import { dispatchRoutes } from './routes/dispatch-routes.ts';
import { draftRoutes } from './routes/draft-routes.ts';
import { evidenceRoutes } from './routes/evidence-routes.ts';
import { fleetRoutes } from './routes/fleet-routes.ts';
import { groupRoutes } from './routes/group-routes.ts';
import type { Handlers } from './routes/handlers.ts';
import { healthRoutes } from './routes/health-routes.ts';
import { keyRoutes } from './routes/key-routes.ts';
import { measureRoutes } from './routes/measure-routes.ts';
import { metaRoutes } from './routes/meta-routes.ts';
import { operationRoutes } from './routes/operation-routes.ts';
import { pageRoutes, type ReadPageFile } from './routes/page-routes.ts';
import { peopleRoutes } from './routes/people-routes.ts';
import { plannerRoutes } from './routes/planner-routes.ts';
import { policyRoutes } from './routes/policy-routes.ts';
import { replayRoutes } from './routes/replay-routes.ts';
import { repositoryRoutes } from './routes/repository-routes.ts';
import { runRoutes } from './routes/run-routes.ts';
import { storageRoutes } from './routes/storage-routes.ts';
import { targetRoutes } from './routes/target-routes.ts';
import { tokenRoutes } from './routes/token-routes.ts';
import { validationRoutes } from './routes/validation-routes.ts';
import { type ReadVerifierPage, verifierRoutes } from './routes/verifier-routes.ts';
import { webhookRoutes } from './routes/webhook-routes.ts';
import { workerRoutes } from './routes/worker-routes.ts';
import { StreamHub } from './stream/stream-hub.ts';
import { defaultStreamLimits, type StreamLimits } from './stream/stream-limits.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    routeId?: string;
    lane?: string;
    permission?: string;
  }
  interface FastifyRequest {
    /** Who calls, once the route's gate let them in; null where it is open to everybody. */
    caller: Caller | null;
  }
}

export interface ServerOptions {
  readonly context: EngineContext;
  readonly port: WorkerPort;
  readonly logger: FastifyBaseLogger;
  /** What readers of streams get; the defaults where it is left out. */
  readonly streams?: Partial<StreamLimits>;
  /** The standalone verifier; without it `GET /verify` says that there is none. */
  readonly verifierPage?: ReadVerifierPage;
  /** The sign-in and approval page; without it its addresses say that there is none. */
  readonly page?: ReadPageFile;
  /** Certificate and key of HTTPS; plain HTTP where it is left out. */
  readonly tls?: ServerTls;
  /** Addresses of proxies whose word on a client's address and scheme is taken. */
  readonly trustProxy?: readonly string[];
  /** Flags, cookies and budgets; the defaults where one is left out. */
  readonly settings?: Partial<RouteSettings>;
  /** Which part of the routes this server has; all of them where it is left out. */
  readonly part?: 'all' | 'without_admin' | 'admin';
}

function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const mapped = mapError(error);
  if (mapped.broken) request.log.error({ err: error, code: mapped.code, reqId: request.id }, 'a request failed');
  const wantsProblem = (request.headers.accept ?? '').includes('application/problem+json');
  reply.code(mapped.status).header('x-request-id', request.id);
  const retryAfterMs = mapped.detail['retry_after_ms'];
  if (typeof retryAfterMs === 'number') reply.header('retry-after', String(Math.ceil(retryAfterMs / 1000)));
  if (mapped.code === 'E_AUTH_REQUIRED' || mapped.code === 'E_AUTH_INVALID') reply.header('www-authenticate', 'Bearer');
  return wantsProblem
    ? reply.header('content-type', 'application/problem+json').send(JSON.stringify(problemOf(mapped, request.id)))
    : reply
        .header('content-type', 'application/json; charset=utf-8')
        .send(JSON.stringify(envelopeOf(mapped, request.id)));
}

function nothingThere(book: AddressBook, request: FastifyRequest, reply: FastifyReply): CodedError {
  const asked = request.url.split('?')[0] ?? '';
  const allowed = book.methodsAt(asked);
  // Some put a token into an address by mistake: it is not repeated.
  const path = withoutSecrets(asked);
  if (allowed.length === 0)
    return new CodedError('E_NOT_FOUND', `there is no ${request.method} ${path}`, {
      next: 'see /reference for every route',
    });
  reply.header('allow', allowed.join(', '));
  return new CodedError('E_METHOD_NOT_ALLOWED', `${path} takes ${allowed.join(', ')}`, {
    allowed,
    next: 'see /reference for every route',
  });
}

/** The id that ties log, audit and answer together: the caller's own, else the id of their trace, else a new one. */
function requestId(headers: FastifyRequest['raw']['headers']): string {
  const given = headers['x-request-id'];
  if (typeof given === 'string' && /^[\w.-]{1,128}$/.test(given)) return given;
  const { traceparent } = headers;
  const trace =
    typeof traceparent === 'string'
      ? /^[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}/.exec(traceparent)?.[1]
      : undefined;
  return trace ?? randomUUID();
}

function guardRoutes(app: FastifyInstance): void {
  app.addHook('onRoute', (route) => {
    const known = route.config?.lane !== undefined && route.config.permission !== undefined;
    if (!known && !route.url.startsWith(referencePrefix)) {
      throw new CodedError('E_INTERNAL', `route ${String(route.method)} ${route.url} declares no lane and permission`);
    }
  });
}

/** Which routes a server has: where administration has an address of its own, it is there alone, beside the probes. */
const parts: Readonly<Record<'all' | 'without_admin' | 'admin', (route: RouteDefinition) => boolean>> = {
  all: () => true,
  without_admin: ({ lane }) => lane !== 'admin',
  admin: ({ lane, permission }) => lane === 'admin' || (lane === 'probe' && permission === 'none'),
};

/** Builds the HTTP server; nothing listens yet. */
export async function buildServer(options: ServerOptions): Promise<FastifyInstance> {
  const { context, port, logger, verifierPage } = options;
  const streams = new StreamHub(context, { ...defaultStreamLimits, ...options.streams });
  const metrics = createMetrics(context, streams);
  const settings: RouteSettings = {
    flags: Flags.parse({}),
    web: defaultWeb,
    limits: defaultLimits,
    ...options.settings,
  };
  const serves = parts[options.part ?? 'all'];
  const book = new AddressBook(Object.values<RouteDefinition>(routes).filter(serves));
  const app = fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: (request) => requestId(request.headers),
    // A logger of its own for each request would cost more than most requests; what is logged names the request itself.
    childLoggerFactory: (log) => log,
    routerOptions: { ignoreTrailingSlash: false },
    exposeHeadRoutes: false,
    forceCloseConnections: 'idle',
    ...(options.tls === undefined ? {} : { serverFactory: tlsServer(options.tls) }),
    ...(options.trustProxy === undefined ? {} : { trustProxy: [...options.trustProxy] }),
    frameworkErrors: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => {
      void answerError(error, request, reply);
    },
  });
  registerBodyReader(app);
  registerAnswerHeaders(app);
  app.setErrorHandler((error, request, reply) => answerError(error, request, reply));
  app.setNotFoundHandler((request, reply) => {
    if (answerPreflight(request, reply, book, settings.web)) return reply;
    return answerError(nothingThere(book, request, reply), request, reply);
  });
  app.addHook('onResponse', (request, reply, done) => {
    const { routeId = 'none' } = request.routeOptions.config;
    metrics.observeRequest(routeId, request.method, reply.statusCode, reply.elapsedTime / 1000);
    done();
  });
  app.addHook('preClose', () => streams.close());
  guardRoutes(app);
  registerReference(app, context.settings.version);
  const handlers: Handlers = {
    ...metaRoutes(context, settings.flags, settings.web),
    ...healthRoutes(context, metrics),
    ...operationRoutes(context, streams),
    ...actionRoutes(context),
    ...draftRoutes(context),
    ...dispatchRoutes(context),
    ...groupRoutes(context),
    ...targetRoutes(context),
    ...runRoutes(context),
    ...evidenceRoutes(context),
    ...replayRoutes(context),
    ...measureRoutes(context),
    ...repositoryRoutes(context),
    ...auditRoutes(context),
    ...plannerRoutes(context),
    ...policyRoutes(context),
    ...keyRoutes(context),
    ...verifierRoutes(verifierPage ?? (async () => null)),
    ...pageRoutes(options.page ?? (async () => null), logger),
    ...validationRoutes(context),
    ...backupRoutes(context),
    ...storageRoutes(context),
    ...tokenRoutes(context),
    ...authRoutes(context, settings.web),
    ...accountRoutes(context, settings.web),
    ...peopleRoutes(context),
    ...fleetRoutes(context),
    ...webhookRoutes(context),
    ...workerRoutes(context, port),
  };
  registerRoutes(app, context, handlers, settings, serves);
  return app;
}
