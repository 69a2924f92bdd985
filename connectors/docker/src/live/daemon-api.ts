import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { dockerSocket } from '@countersign/testing';

/** Asks the tests' daemon past the connector, without the command line's start-up time. Throws on a status of 400 or above. */
export function ask(path: string, method: 'GET' | 'POST' | 'DELETE' = 'GET'): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const call = request({ socketPath: dockerSocket(), method, path }, (response) => {
      text(response).then((answer) => {
        if ((response.statusCode ?? 500) >= 400)
          reject(new Error(`${method} ${path}: ${response.statusCode} ${answer}`));
        else resolve(answer.startsWith('{') || answer.startsWith('[') ? JSON.parse(answer) : answer);
      }, reject);
    });
    call.once('error', reject).end();
  });
}

/** As `ask`, for answers of one JSON value a line. */
export async function askLines(path: string): Promise<unknown[]> {
  return await new Promise((resolve, reject) => {
    const call = request({ socketPath: dockerSocket(), path }, (response) => {
      const lines = (answer: string) => answer.split('\n').filter((line) => line.trim() !== '');
      text(response).then((answer) => resolve(lines(answer).map((line) => JSON.parse(line))), reject);
    });
    call.once('error', reject).end();
  });
}
