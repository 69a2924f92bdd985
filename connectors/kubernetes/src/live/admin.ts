import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import { JsonObject, readJson } from '@countersign/protocol';
import { testKubeconfig } from '@countersign/testing';
import { parse } from 'yaml';
import { z } from 'zod';

const Kubeconfig = z.object({
  clusters: z.tuple([z.object({ cluster: z.object({ server: z.url() }) })]),
  users: z.tuple([z.object({ user: z.object({ token: z.string() }) })]),
});

/** Address and token of the tests' cluster, as its kubeconfig says them. */
export function adminAccess(path = testKubeconfig()): { server: string; token: string } {
  const { clusters, users } = Kubeconfig.parse(parse(readFileSync(path, 'utf8')));
  return { server: clusters[0].cluster.server, token: users[0].user.token };
}

interface AdminRequest {
  readonly body?: unknown;
  /** `merge-patch+json` unless told; only for PATCH. */
  readonly mediaType?: string;
  readonly as?: string;
}

/** Calls the cluster as its administrator, past the connector. Answers status and JSON. */
export async function call(method: string, path: string, options: AdminRequest = {}) {
  const { server, token } = adminAccess();
  const { body, mediaType = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json', as } = options;
  const headers = {
    authorization: `Bearer ${token}`,
    'content-type': mediaType,
    ...(as === undefined ? {} : { 'impersonate-user': as }),
  };
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; json: JsonObject }>();
  const outgoing = request(new URL(path, server), { method, headers, rejectUnauthorized: false }, (answer) => {
    text(answer).then((said) => {
      const json = said.startsWith('{') ? JsonObject.parse(readJson(said)) : { text: said };
      resolve({ status: answer.statusCode ?? 0, json });
    }, reject);
  });
  outgoing.on('error', reject);
  outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  return await promise;
}

/** Calls the cluster as its administrator; throws for a status of 400 or above. */
export async function admin(method: string, path: string, options: AdminRequest = {}): Promise<JsonObject> {
  const { status, json } = await call(method, path, options);
  if (status >= 400) throw new Error(`${method} ${path}: ${status} ${JSON.stringify(json)}`);
  return json;
}
