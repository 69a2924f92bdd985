export type { FastifyInstance } from 'fastify';
export { buildServer, type ServerOptions } from './server.ts';
