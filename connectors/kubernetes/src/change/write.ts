import type { Json } from '@countersign/protocol';
import { httpFailureOf } from '../client/call-error.ts';
import { type KubernetesClient, writeTimeout } from '../client/kubernetes-client.ts';
import { ApiObject } from '../resource/answers.ts';
import { requireUnmoved, staleObject } from './guard.ts';
import { pathOf, type Subject, titleOf } from './subject.ts';

/** Under this name the API keeps which fields are ours. */
export const fieldManager = 'countersign';

/** A patch of one object that names the resourceVersion it is made for: the API refuses it for any other. */
export interface Patch {
  readonly mediaType: string;
  readonly body: Json;
  readonly query?: Readonly<Record<string, string | boolean>>;
}

/** The status of an object moves its resourceVersion too, in a rollout several times a second. */
const attempts = 10;

/** Reads the object of a step; undefined where there is none. */
export async function readObject(
  client: KubernetesClient,
  subject: Subject,
  signal: AbortSignal,
): Promise<ApiObject | undefined> {
  const call = { what: `get ${titleOf(subject)}`, effect: 'none' as const, request: { path: pathOf(subject) } };
  return await client.find(call, ApiObject, signal);
}

/**
 * Changes an object, once. It is read, compared with what was observed, and patched at the resourceVersion that was read; where
 * only its status moved in between, that is done again. Throws E_PLAN_STALE, effect none, where anything else moved.
 */
export async function writeObject(
  client: KubernetesClient,
  subject: Subject,
  guard: Json,
  what: string,
  patchOf: (object: ApiObject | undefined) => Patch,
  signal: AbortSignal,
): Promise<ApiObject> {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const object = await readObject(client, subject, signal);
    requireUnmoved(subject, object, guard);
    const { mediaType, body, query } = patchOf(object);
    const request = {
      ...{ method: 'PATCH' as const, path: pathOf(subject), body, mediaType },
      query: { fieldManager, timeout: writeTimeout, ...query },
    };
    try {
      return await client.ask({ what, effect: 'maybe', request }, ApiObject, signal);
    } catch (error) {
      const failure = httpFailureOf(error);
      // Fields that others own conflict too: that is no question of when.
      const moved = failure?.status === 409 && failure.causes.every(({ reason }) => reason !== 'FieldManagerConflict');
      if (!moved) throw error;
    }
  }
  throw staleObject(titleOf(subject), 'moves faster than it can be changed', 'resource_version');
}
