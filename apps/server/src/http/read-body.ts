import { CodedError, readJson } from '@countersign/protocol';
import type { FastifyInstance, FastifyRequest } from 'fastify';

function reread(text: string): { readonly error: CodedError | null; readonly value?: unknown } {
  try {
    return { error: null, value: readJson(text) };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : 'unreadable';
    return { error: new CodedError('E_VALIDATION', `the body cannot be read: ${why}`, { field: 'body' }) };
  }
}

type Done = (error: Error | null, value?: unknown) => void;

/** Reads JSON bodies and no others: refuses what would change a prototype, and takes member names as they were sent. */
export function registerBodyReader(app: FastifyInstance): void {
  // A page of any origin may send text without asking first; nothing here reads it.
  app.removeContentTypeParser('text/plain');
  const guarded = app.getDefaultJsonParser('error', 'error');
  const readBody = (request: FastifyRequest, body: string | Buffer, done: Done): void => {
    const text = String(body);
    void guarded(request, text, (refusal, value) => {
      // Without an escape there is nothing that the framework could have misread.
      const { error, value: read } =
        refusal !== null || !text.includes('\\') ? { error: refusal, value } : reread(text);
      done(error, read);
    });
  };
  app.addContentTypeParser('application/json', { parseAs: 'string' }, readBody);
  // What the sources' own lines send: JSON, and no word of what it is. Only a bearer token opens that lane, which no page can send unasked.
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (request, body, done: Done) => {
    if (request.routeOptions.config.lane === 'alias') readBody(request, body, done);
    else done(new CodedError('E_MEDIA_TYPE', 'this route takes application/json', { next: 'send application/json' }));
  });
  // A content policy's report is JSON under a name of its own, and only where one is taken: any page can have browsers send it.
  app.addContentTypeParser('application/csp-report', { parseAs: 'string' }, (request, body, done: Done) => {
    if (request.routeOptions.config.routeId === 'pageReport') readBody(request, body, done);
    else done(new CodedError('E_MEDIA_TYPE', 'this route takes application/json', { next: 'send application/json' }));
  });
}
