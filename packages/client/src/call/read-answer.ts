import { type RouteDefinition, readJson } from '@countersign/protocol';
import { unexpectedAnswer } from '../connection/api-error.ts';
import { readBytes, readText } from '../connection/transport.ts';

/** Reads a success answer as its route declares it; JSON is parsed by the route's schema for that status. */
export async function readAnswer(
  route: RouteDefinition,
  response: Response,
  url: string,
  signal: AbortSignal,
): Promise<unknown> {
  const schema = route.answers[response.status];
  const requestId = response.headers.get('x-request-id');
  if (schema === undefined || schema === 'sse') {
    await response.body?.cancel();
    throw unexpectedAnswer(`status ${response.status}`, response.status, requestId);
  }
  if (schema === 'bytes') return readBytes(response, url, signal);
  const text = await readText(response, url, signal);
  if (schema === 'text') return text;
  if (schema === 'empty') return null;
  let body: unknown;
  try {
    body = readJson(text);
  } catch (cause) {
    throw unexpectedAnswer('no JSON', response.status, requestId, cause);
  }
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const place = issue ? `${issue.path.map(String).join('.') || 'body'}: ${issue.message}` : 'body';
  throw unexpectedAnswer(place, response.status, requestId, parsed.error);
}
