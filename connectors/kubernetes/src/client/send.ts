import { type IncomingMessage, request as requestHttp } from 'node:http';
import { type RequestOptions, request as requestHttps } from 'node:https';
import { ConnectorError } from '@countersign/connector-kit';
import type { Json } from '@countersign/protocol';
import type { Cluster } from './cluster.ts';
import { HttpFailure } from './failure.ts';

/** One request to the API. `path` is made of checked or encoded parts only. */
export interface ApiRequest {
  readonly method?: 'GET' | 'POST' | 'PATCH';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: Json;
  /** Media type of the body; JSON unless told. */
  readonly mediaType?: string;
}

/** Larger answers are not read: no object of etcd has more than 1.5 MiB, and lists are asked for in pages. */
const maxAnswerBytes = 64 * 1024 * 1024;

function urlOf(server: URL, { path, query = {} }: ApiRequest): URL {
  const url = new URL(server);
  // Gateways serve an API below a path of their own.
  url.pathname = `${url.pathname.replace(/\/+$/, '')}${path}`;
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  return url;
}

/** Reads an answer whole. Throws E_TARGET_REFUSED if it is too large. */
export async function readAnswer(answer: IncomingMessage, maxBytes = maxAnswerBytes): Promise<string> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of answer) {
    const bytes = Buffer.from(chunk);
    sizeBytes += bytes.length;
    if (sizeBytes > maxBytes) {
      answer.destroy();
      throw new ConnectorError('E_TARGET_REFUSED', `the cluster answered with more than ${maxBytes} bytes`, {
        effect: 'none',
      });
    }
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Sends a request and gives the answer once its head is there. Throws HttpFailure for a status that is no success. */
export async function send(cluster: Cluster, request: ApiRequest, signal: AbortSignal): Promise<IncomingMessage> {
  const { method = 'GET', body, mediaType = 'application/json' } = request;
  const content = body === undefined ? undefined : Buffer.from(JSON.stringify(body), 'utf8');
  const type = content === undefined ? {} : { 'content-type': mediaType, 'content-length': content.length };
  const options: RequestOptions = { method, signal, headers: { accept: 'application/json', ...type } };
  await cluster.authorize(options);
  signal.throwIfAborted();
  const url = urlOf(cluster.server, request);
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const call = (url.protocol === 'http:' ? requestHttp : requestHttps)(url, options, resolve);
    call.on('error', reject);
    call.end(content);
  });
  const status = answer.statusCode ?? 0;
  if (status >= 200 && status < 300) return answer;
  throw new HttpFailure(status, await readAnswer(answer));
}
