import { CodedError } from '@countersign/protocol';
import type { FastifyBaseLogger } from 'fastify';
import { type Answer, type Call, ok } from '../http/handler.ts';
import type { Handlers } from './handlers.ts';

/** Reads a file of the sign-in and approval page by its name; `index.html` is the page itself. Null where there is none. */
export type ReadPageFile = (name: string) => Promise<string | null>;

/** Nothing but the server's own files, nothing inline, nothing made from text, in nobody's frame. */
const contentPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
  'report-uri /page/reports',
].join('; ');

const typeOf = (name: string): string => (name.endsWith('.css') ? 'text/css' : 'text/javascript');

/** Handlers of the sign-in and approval page. */
export function pageRoutes(
  read: ReadPageFile,
  log: FastifyBaseLogger,
): Pick<Handlers, 'page' | 'pageSignIn' | 'pageAccount' | 'pageOperation' | 'pageFile' | 'pageReport'> {
  const shown = async ({ reply }: Pick<Call, 'reply'>): Promise<Answer> => {
    const text = await read('index.html');
    if (text === null) throw nothingAt('index.html');
    reply.header('content-type', 'text/html; charset=utf-8').header('content-security-policy', contentPolicy);
    reply.header('cache-control', 'no-store');
    return ok(text);
  };
  return {
    page: shown,
    pageSignIn: shown,
    pageAccount: shown,
    pageOperation: shown,
    async pageFile({ params, reply }) {
      const text = await read(params.file);
      if (text === null) throw nothingAt(params.file);
      reply.header('content-type', `${typeOf(params.file)}; charset=utf-8`).header('cache-control', 'no-cache');
      return ok(text);
    },
    async pageReport({ body }) {
      const report = body['csp-report'];
      log.warn(
        { directive: report['effective-directive'] ?? report['violated-directive'], blocked: report['blocked-uri'] },
        "a browser reports what the page's content policy refused",
      );
      return { status: 204, body: undefined };
    },
  };
}

function nothingAt(name: string): CodedError {
  return new CodedError('E_NOT_FOUND', `the sign-in page has no ${name} in this installation`, {
    next: 'make it with `npm run build`, or use the command line',
  });
}
