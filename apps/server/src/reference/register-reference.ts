import { openApiDocument } from '@countersign/protocol';
import { type FastifyInstance, fastify } from 'fastify';

/** Where the API can be browsed. */
export const referencePrefix = '/reference';

/** The reference brings a web application of 4 MB: it has a server of its own that nobody pays for before it is asked for. */
async function loadReference(version: string): Promise<FastifyInstance> {
  const { default: scalar } = await import('@scalar/fastify-api-reference');
  const reference = fastify();
  await reference.register(scalar, {
    routePrefix: referencePrefix,
    configuration: { content: openApiDocument(version) },
  });
  return reference;
}

/** Serves the browsable reference; it is loaded at the first request. */
export function registerReference(app: FastifyInstance, version: string): void {
  let loading: Promise<FastifyInstance> | null = null;
  for (const url of [referencePrefix, `${referencePrefix}/*`]) {
    app.get(url, async (request, reply) => {
      loading ??= loadReference(version).catch((error: unknown) => {
        loading = null;
        throw error;
      });
      const answer = await (await loading).inject({ method: 'GET', url: request.url, headers: { host: request.host } });
      const { 'content-length': _length, connection: _connection, ...headers } = answer.headers;
      return await reply.code(answer.statusCode).headers(headers).send(answer.rawPayload);
    });
  }
  app.addHook('onClose', async () => (await loading)?.close());
}
