import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { hostHeaderValidation, originValidation, toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, localhostAllowedHostnames } from '@modelcontextprotocol/server';
import { createServer } from '../server/create-server.ts';
import { authenticate } from './authenticate.ts';
import { makeBridge } from './make-bridge.ts';
import type { McpOptions } from './options.ts';

/** Where the server listens, and as whom it may be addressed. */
export interface McpHttpOptions extends McpOptions {
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
  /** Host names beside those of this machine by which clients and pages may reach it. */
  readonly allowedHosts: readonly string[];
}

/** A server that listens. */
export interface RunningMcp {
  /** Address of the endpoint. */
  readonly url: string;
  stop(): Promise<void>;
}

const path = '/mcp';
const mostBodyBytes = 1_048_576;

async function send(response: ServerResponse, answer: Response): Promise<void> {
  response.writeHead(answer.status, Object.fromEntries(answer.headers));
  response.end(await answer.text());
}

/** Serves streamable HTTP. Host, Origin and token are looked at before a body is read. */
export async function startMcpHttp(options: McpHttpOptions): Promise<RunningMcp> {
  const names = [...localhostAllowedHostnames(), ...options.allowedHosts];
  const mayAddress = hostHeaderValidation(names);
  const mayCome = originValidation(names);
  const handler = createMcpHandler(
    ({ authInfo }) => {
      if (authInfo === undefined) throw new Error('a request without a caller was let through');
      return createServer(options.version, makeBridge(options, authInfo.token));
    },
    { maxRequestBodySize: mostBodyBytes, onerror: (error) => options.tell(error.message) },
  );
  const handle = toNodeHandler(handler, {
    maxRequestBodySize: mostBodyBytes,
    onerror: (error) => options.tell(error.message),
  });

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!mayAddress(request, response) || !mayCome(request, response)) return;
    if (request.url?.split('?')[0] !== path) return await send(response, new Response(null, { status: 404 }));
    const auth = await authenticate(options, request.headers.authorization);
    if (auth instanceof Response) return await send(response, auth);
    const { method = 'GET', url = path } = request;
    await handle(Object.assign(request, { auth, method, url }), response);
  }

  const server = createHttpServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      options.tell(error instanceof Error ? error.message : 'a request failed');
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  const address = server.address();
  const port = address === null || typeof address === 'string' ? options.port : address.port;
  return {
    url: `http://${options.host.includes(':') ? `[${options.host}]` : options.host}:${port}${path}`,
    async stop() {
      await handler.close();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
