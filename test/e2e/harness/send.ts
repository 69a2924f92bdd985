import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { ErrorEnvelope, errorCodes, isErrorCode } from '@countersign/protocol';
import { expect } from 'vitest';

/** A raw request: whatever the test wants to send. */
export interface RawRequest {
  readonly method?: string;
  readonly path: string;
  readonly token?: string | null;
  readonly body?: unknown;
  /** Sent as it is instead of JSON. */
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends a request by plain fetch. */
export async function send(url: string, request: RawRequest): Promise<Response> {
  const body = request.text ?? (request.body === undefined ? undefined : JSON.stringify(request.body));
  return await fetch(`${url}${request.path}`, {
    method: request.method ?? (body === undefined ? 'GET' : 'POST'),
    headers: {
      ...(request.token === null || request.token === undefined ? {} : { authorization: `Bearer ${request.token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...request.headers,
    },
    ...(body === undefined ? {} : { body }),
  });
}

/** The first line of the answer to a request line that no client library would send. */
export async function sendLine(url: string, line: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.end(`${line} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
  return await text(socket);
}

/** What an error answer is expected to say. */
export interface ExpectedError {
  readonly code: string;
  readonly status: number;
  readonly field?: string;
}

/** Expects the one envelope: code, status, field, next step, and the same request id in body and header. */
export async function expectEnvelope(response: Response, expected: ExpectedError): Promise<ErrorEnvelope> {
  const envelope = ErrorEnvelope.parse(await response.json());
  const { error, request_id: requestId } = envelope;
  const said = { code: error.code, status: response.status, field: error.detail?.['field'] };
  expect(said).toEqual({ ...expected, field: expected.field });
  expect(isErrorCode(error.code) && errorCodes[error.code].http).toBe(response.status);
  expect(error.message).not.toBe('');
  expect(typeof error.detail?.['next']).toBe('string');
  expect(response.headers.get('x-request-id')).toBe(requestId);
  expect(JSON.stringify(envelope)).not.toMatch(/node_modules|\.ts:\d|at \w+ \(/);
  return envelope;
}
