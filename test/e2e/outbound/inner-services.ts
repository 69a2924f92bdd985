import { createServer, type Server } from 'node:http';
import type { Ports } from './spellings.ts';

/** What stands inside: a victim on every loopback address, and a front that may be called and redirects where it is told. */
export interface InnerServices extends Ports {
  /** Connections to the victim, on any address. */
  reached(): number;
  /** Requests to the front. */
  fronted(): number;
  close(): void;
}

async function listen(server: Server, port: number, host: string): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Starts both. A connection counts, whether or not a request follows. */
export async function startInnerServices(): Promise<InnerServices> {
  let reached = 0;
  let fronted = 0;
  const victimOn = async (port: number, host: string): Promise<[Server, number]> => {
    const server = createServer((_request, response) => response.end('inner')).on('connection', () => {
      reached += 1;
    });
    return [server, await listen(server, port, host)];
  };
  const front = createServer((request, response) => {
    fronted += 1;
    const query = new URL(request.url ?? '', 'http://front').searchParams;
    const to = query.get('to');
    if (to === null) response.end('front');
    else response.writeHead(Number(query.get('status')), { location: encodeURI(to).replaceAll('%25', '%') }).end();
  });
  const frontPort = await listen(front, 0, '127.0.0.2');
  const [everywhere, victim] = await victimOn(0, '::');
  const [besideFront] = await victimOn(frontPort, '127.0.0.1');
  const servers = [front, everywhere, besideFront];
  return {
    victim,
    front: frontPort,
    reached: () => reached,
    fronted: () => fronted,
    close() {
      for (const server of servers) {
        server.closeAllConnections();
        server.close();
      }
    },
  };
}
