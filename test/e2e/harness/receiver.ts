import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { CloudEvent } from '@countersign/protocol';

/** What a receiver was sent. */
export interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly status: number;
}

/** A receiver of webhooks on loopback that answers what it is told to. */
export interface Receiver {
  readonly url: string;
  readonly seen: Received[];
  answer(status: number): void;
  /** Events that were taken, in order of arrival. */
  taken(): CloudEvent[];
  close(): void;
}

export const receiverSecret = 'a secret of the test only';

/** Whether a delivery carries the signature that the shared secret gives. */
export function signed({ headers, body }: Received, secret = receiverSecret): boolean {
  const header = String(headers['x-countersign-signature']);
  const [, seconds = ''] = /^t=(\d+),v1=/.exec(header) ?? [];
  return header === `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`;
}

export async function startReceiver(status = 204): Promise<Receiver> {
  const seen: Received[] = [];
  let answer = status;
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    seen.push({ headers: request.headers, body, status: answer });
    response.writeHead(answer).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}/hook?key=hunter2`,
    seen,
    answer: (code) => {
      answer = code;
    },
    taken: () => seen.filter((each) => each.status < 300).map(({ body }) => CloudEvent.parse(JSON.parse(body))),
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
