import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AddressBook } from './allowed-methods.ts';
import { allowReading, isBrowserLane } from './browser-rules.ts';
import { isAllowedOrigin, originOf, type WebSettings } from './web-origin.ts';

const keepForSeconds = 600;
/** What a page may send along. */
const allowedHeaders = 'Content-Type, X-CSRF-Token, X-Request-Id, Idempotency-Key, Last-Event-ID, Prefer, Traceparent';

/**
 * Answers a browser that asks whether a page may call; false where this is no such question, or the answer is no: then the
 * request goes the way of any method that is not served.
 */
export function answerPreflight(
  request: FastifyRequest,
  reply: FastifyReply,
  book: AddressBook,
  web: WebSettings,
): boolean {
  const origin = originOf(request);
  const path = request.url.split('?')[0] ?? '';
  const lane = book.laneAt(path);
  const asks = request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined;
  if (!asks || origin === undefined || lane === null || !isBrowserLane(lane)) return false;
  if (web.mode === 'same_origin' || !isAllowedOrigin(origin, request, web)) return false;
  allowReading(request, reply, web);
  reply
    .header('access-control-allow-methods', book.methodsAt(path).join(', '))
    .header('access-control-allow-headers', allowedHeaders)
    .header('access-control-max-age', String(keepForSeconds))
    .code(204)
    .send();
  return true;
}
