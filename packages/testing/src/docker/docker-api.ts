import { request } from 'node:http';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';

/** Calls the Docker Engine API over its socket and returns the answer's text; throws on a status of 400 or above. */
export function callDocker(socketPath: string, method: 'GET' | 'POST', path: string, body?: Readable): Promise<string> {
  return new Promise((resolve, reject) => {
    const call = request({ socketPath, method, path }, (response) => {
      text(response).then((answer) => {
        if ((response.statusCode ?? 500) < 400) resolve(answer);
        else reject(new Error(`Docker answered ${response.statusCode} to ${method} ${path}: ${answer}`));
      }, reject);
    });
    call.once('error', reject);
    if (body) body.once('error', reject).pipe(call);
    else call.end();
  });
}
