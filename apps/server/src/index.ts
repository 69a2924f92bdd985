export type { FastifyInstance } from 'fastify';
export { closeServer } from './http/close-server.ts';
export type { ServerTls } from './http/tls-server.ts';
export { buildServer, type ServerOptions } from './server.ts';
