import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { CodedError, errorCodes, type RouteDefinition, type RouteId, routes } from '@countersign/protocol';

/** A request as a handler of the route gets it, parsed by the route's schemas. */
export interface RouteRequest {
  readonly params: Record<string, unknown>;
  readonly query: Record<string, unknown>;
  readonly body: Record<string, unknown>;
  readonly token: string | null;
}
/** Answers a route: a JSON body that is parsed by the route's schema, or text for a stream. Throws CodedError to refuse. */
export type RouteHandler = (request: RouteRequest) => unknown;

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString('utf8');
  return text === '' ? {} : JSON.parse(text);
}

function match(
  method: string,
  path: string,
): { id: RouteId; route: RouteDefinition; params: Record<string, string> } | null {
  // As the router has it: an address that stands as it is goes before one with a parameter.
  const named = ([, { path: of }]: readonly [string, RouteDefinition]): number => of.split(':').length;
  const ordered = Object.entries<RouteDefinition>(routes).sort((a, b) => named(a) - named(b));
  for (const [id, route] of ordered) {
    const pattern = new RegExp(`^${route.path.replace(/:([a-z_]+)/g, '(?<$1>[^/]+)')}$`);
    const found = route.method === method ? pattern.exec(path) : null;
    const known = Object.keys(routes).find((name): name is RouteId => name === id);
    if (found !== null && known !== undefined) return { id: known, route, params: { ...found.groups } };
  }
  return null;
}

function record(value: unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value ?? {}));
}

function answer(response: ServerResponse, route: RouteDefinition, value: unknown): void {
  const [first] = Object.entries(route.answers);
  const [status, schema] = first ?? ['200', 'empty'];
  if (typeof schema === 'string') response.writeHead(Number(status)).end(Buffer.from(String(value)));
  else response.writeHead(Number(status)).end(JSON.stringify(schema.parse(value)));
}

function refuse(response: ServerResponse, error: unknown): void {
  const coded = error instanceof CodedError ? error : new CodedError('E_INTERNAL', String(error));
  const { code, message, detail } = coded;
  const body = { error: { code, message, detail }, request_id: 'req-1' };
  response.writeHead(errorCodes[code].http).end(JSON.stringify(body));
}

/** A server made from the route table: what goes in and out is parsed by it, and `calls` notes what was asked. */
export async function startRouteServer(
  handlers: Partial<Record<RouteId, RouteHandler>>,
): Promise<{ url: string; calls: RouteId[]; close(): void }> {
  const calls: RouteId[] = [];
  const server = createServer(async (request, response) => {
    try {
      const url = new URL(request.url ?? '/', 'http://localhost');
      const found = match(request.method ?? '', url.pathname);
      const handler = found === null ? undefined : handlers[found.id];
      if (found === null || handler === undefined) throw new CodedError('E_NOT_FOUND', `no handler for ${request.url}`);
      calls.push(found.id);
      const { params, query, body } = found.route;
      const value = await handler({
        params: record(params?.parse(found.params)),
        query: record(query?.parse(Object.fromEntries(url.searchParams))),
        body: record(body?.parse(await readBody(request))),
        token: request.headers.authorization?.replace('Bearer ', '') ?? null,
      });
      answer(response, found.route, value);
    } catch (error) {
      refuse(response, error);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the test server has no port');
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${address.port}`, calls, close };
}
