import type { FastifyInstance } from 'fastify';

const always: readonly (readonly [string, string])[] = [
  ['x-content-type-options', 'nosniff'],
  ['referrer-policy', 'no-referrer'],
  ['x-frame-options', 'DENY'],
  ['cross-origin-opener-policy', 'same-origin'],
  // Pages of other origins read answers by CORS only, where the lane allows it; never as an image or a script.
  ['cross-origin-resource-policy', 'same-origin'],
];
/** A year: a browser that once came over TLS comes back over nothing else. */
const transportSecurity = 'max-age=31536000';

/** Says on every answer what browsers may do with it. */
export function registerSecurityHeaders(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    for (const [name, value] of always) reply.header(name, value);
    if (request.protocol === 'https') reply.header('strict-transport-security', transportSecurity);
    done();
  });
}
