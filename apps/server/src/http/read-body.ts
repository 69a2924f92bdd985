import { CodedError, readJson } from '@countersign/protocol';
import type { FastifyInstance } from 'fastify';

function reread(text: string): { readonly error: CodedError | null; readonly value?: unknown } {
  try {
    return { error: null, value: readJson(text) };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : 'unreadable';
    return { error: new CodedError('E_VALIDATION', `the body cannot be read: ${why}`, { field: 'body' }) };
  }
}

/** Reads JSON bodies and no others: refuses what would change a prototype, and takes member names as they were sent. */
export function registerBodyReader(app: FastifyInstance): void {
  // A page of any origin may send text without asking first; nothing here reads it.
  app.removeContentTypeParser('text/plain');
  const guarded = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    const text = String(body);
    void guarded(request, text, (refusal, value) => {
      // Without an escape there is nothing that the framework could have misread.
      const { error, value: read } =
        refusal !== null || !text.includes('\\') ? { error: refusal, value } : reread(text);
      done(error, read);
    });
  });
}
