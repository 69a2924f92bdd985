import { createServer } from 'node:https';
import type { FastifyServerFactory } from 'fastify';

/** Certificate chain and private key of the server, in PEM. */
export interface ServerTls {
  readonly cert: string;
  readonly key: string;
}

// Fastify sets its own patience on servers that it makes itself; these are the same.
const keepAliveTimeoutMs = 72_000;

/** Makes the socket speak TLS, 1.2 or newer. Throws what Node says of a certificate or key that it cannot use. */
export function tlsServer({ cert, key }: ServerTls): FastifyServerFactory {
  const settings = { cert, key, minVersion: 'TLSv1.2', keepAliveTimeout: keepAliveTimeoutMs } as const;
  return (handler) => createServer(settings, handler);
}
