import { createServer, request as httpRequest } from 'node:http';

/** A loopback proxy that adds a bearer token: for clients that cannot be told to send one. All else goes through as it is. */
export async function startBearerProxy(to: string, token: string): Promise<{ url: string; close(): void }> {
  const target = new URL(to);
  const server = createServer((request, response) => {
    const { hostname: host, port } = target;
    const headers = { ...request.headers, authorization: `Bearer ${token}` };
    const forwarded = httpRequest({ host, port, method: request.method, path: request.url, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    forwarded.on('error', () => response.destroy());
    request.pipe(forwarded);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://localhost:${address.port}${target.pathname}`, close };
}
