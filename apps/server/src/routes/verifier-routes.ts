import { CodedError } from '@countersign/protocol';
import { ok } from '../http/handler.ts';
import type { Handlers } from './handlers.ts';

/** Reads the verifier's page; null where this build has none. */
export type ReadVerifierPage = () => Promise<string | null>;

/** Handler of the standalone verifier. */
export function verifierRoutes(readPage: ReadVerifierPage): Pick<Handlers, 'verifier'> {
  return {
    async verifier({ reply }) {
      const page = await readPage();
      if (page === null)
        throw new CodedError('E_NOT_FOUND', 'this installation was started without the verifier page', {
          next: 'make it with `npm run build`, or use `countersign verify`',
        });
      reply.header('content-type', 'text/html; charset=utf-8');
      return ok(page);
    },
  };
}
