import { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { HttpFailure } from './errors.ts';

/** One request to the daemon. `path` holds checked references only. */
export interface DialRequest {
  readonly method?: 'GET' | 'POST';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean>>;
  readonly abortSignal: AbortSignal;
}

/** The one function of the SDK that is used: it knows sockets, hosts, TLS and SSH. */
export interface Modem {
  dial(
    options: {
      path: string;
      method: string;
      options: { _query: object; _body: object };
      isStream: boolean;
      statusCodes: Record<number, true>;
      abortSignal: AbortSignal;
    },
    callback: (error: Error | null, answer: unknown) => void,
  ): void;
}

/** Statuses whose body is read here: the SDK waits for ever for the rest of an answer that breaks off. */
const statuses = [200, 204, 400, 401, 403, 404, 406, 409, 429, 500, 501, 502, 503, 504];
const statusCodes = Object.fromEntries(statuses.map((status): [number, true] => [status, true]));

/** Sends a request and gives the answer once its head is there. Throws HttpFailure for a status that is no success. */
export async function dial(modem: Modem, request: DialRequest): Promise<IncomingMessage> {
  const { path, method = 'GET', query = {}, abortSignal } = request;
  const answer = await new Promise<unknown>((resolve, reject) => {
    // Always as a stream: otherwise the SDK parses what looks like JSON, and holds bodies of any size.
    const options = {
      path: `${path}?`,
      method,
      options: { _query: query, _body: {} },
      isStream: true,
      statusCodes,
      abortSignal,
    };
    modem.dial(options, (error, message) => (error === null ? resolve(message) : reject(error)));
  });
  if (!(answer instanceof IncomingMessage)) throw new TypeError('the Docker SDK answered without a message');
  const status = answer.statusCode ?? 0;
  if (status >= 200 && status < 300) return answer;
  throw new HttpFailure(status, await text(answer));
}
