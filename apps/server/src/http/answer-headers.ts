import type { FastifyInstance } from 'fastify';
import { isDraining } from './close-server.ts';

/** A year: a browser that once came over TLS comes back over nothing else. */
const transportSecurity = 'max-age=31536000';

/** Says on every answer which request it answers, and what browsers may do with it. One hook: each costs every request. */
export function registerAnswerHeaders(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    reply
      .header('x-request-id', request.id)
      .header('x-content-type-options', 'nosniff')
      .header('referrer-policy', 'no-referrer')
      .header('x-frame-options', 'DENY')
      .header('cross-origin-opener-policy', 'same-origin')
      // Pages of other origins read answers by CORS only, where the lane allows it; never as an image or a script.
      .header('cross-origin-resource-policy', 'same-origin');
    if (request.protocol === 'https') reply.header('strict-transport-security', transportSecurity);
    if (isDraining(app)) reply.header('connection', 'close');
    done();
  });
}
