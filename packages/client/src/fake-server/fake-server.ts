import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';

/** Serves on a free port of the loopback until the test ends (`atEnd` is vitest's `onTestFinished`); answers the address. */
export async function serveUntil(atEnd: (close: () => void) => void, listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  atEnd(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the test server has no port');
  return `http://127.0.0.1:${address.port}`;
}

/** The whole body of a request as text. */
export async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

/** Answers JSON. */
export function answerJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', 'x-request-id': 'req-1' }).end(JSON.stringify(body));
}

/** Answers the error envelope. */
export function answerError(response: ServerResponse, status: number, code: string, detail?: object): void {
  answerJson(response, status, { error: { code, message: `refused with ${code}`, detail }, request_id: 'req-9' });
}
