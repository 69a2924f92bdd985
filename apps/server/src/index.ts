export type { FastifyInstance } from 'fastify';
export { closeServer } from './http/close-server.ts';
export { endedCookieText, sessionCookieOf, sessionCookieText } from './http/session-cookie.ts';
export type { ServerTls } from './http/tls-server.ts';
export type { WebSettings } from './http/web-origin.ts';
export { defaultLimits, type LimitSetting, type LimitSettings } from './limit/limit-settings.ts';
export type { ReadPageFile } from './routes/page-routes.ts';
export { buildServer, type ServerOptions } from './server.ts';
