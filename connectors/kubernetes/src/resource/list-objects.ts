import { ConnectorError } from '@countersign/connector-kit';
import type { z } from 'zod';
import { httpFailureOf } from '../client/call-error.ts';
import type { KubernetesClient } from '../client/kubernetes-client.ts';
import { ApiObject, ObjectPage } from './answers.ts';
import { type Kind, objectPath, type Resource, resourcesOf } from './resource.ts';

const pageSize = 500;
/** A list of more is cut and says so: nobody reads it, and it would fill the memory. */
export const maxObjects = 10_000;

/** Which objects to list. Left out, `namespace` means all of them. */
export interface ListQuery {
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
}

/** Objects of one resource in the API's order. `cut` where there are more than `maxObjects`. */
export interface Listed<Item> {
  readonly items: Item[];
  readonly cut: boolean;
}

/** Lists the objects of one resource, page by page. */
export async function listResourceObjects<Schema extends z.ZodType>(
  client: KubernetesClient,
  resource: Resource,
  query: ListQuery,
  schema: Schema,
  signal: AbortSignal,
): Promise<Listed<z.output<Schema>>> {
  const items: z.output<Schema>[] = [];
  const { namespace, labelSelector, fieldSelector } = query;
  const where = resource.namespaced ? ` in ${namespace ?? 'all namespaces'}` : '';
  let token = '';
  do {
    const request = {
      path: objectPath(resource, namespace),
      query: { limit: pageSize, labelSelector, fieldSelector, continue: token === '' ? undefined : token },
    };
    const page = await client.ask(
      { what: `list ${resource.plural}${where}`, effect: 'none', request },
      ObjectPage,
      signal,
    );
    // Items of a list do not say what they are.
    const typed = page.items.map((item) => ({ apiVersion: resource.apiVersion, kind: resource.kind, ...item }));
    items.push(...typed.map((item) => schema.parse(item)));
    token = page.metadata.continue;
  } while (token !== '' && items.length < maxObjects);
  return { items: items.slice(0, maxObjects), cut: token !== '' || items.length > maxObjects };
}

/** Lists objects of a kind, by the newest version of the API that the cluster serves. */
export async function listObjects<Schema extends z.ZodType = typeof ApiObject>(
  client: KubernetesClient,
  kind: Kind,
  query: ListQuery,
  schema: Schema,
  signal: AbortSignal,
): Promise<Listed<z.output<Schema>>> {
  const [newest, ...older] = resourcesOf[kind];
  if (newest === undefined) throw new ConnectorError('E_VALIDATION', `${kind} cannot be listed`, { effect: 'none' });
  try {
    return await listResourceObjects(client, newest, query, schema, signal);
  } catch (error) {
    if (httpFailureOf(error)?.status !== 404) throw error;
    for (const resource of older) return await listResourceObjects(client, resource, query, schema, signal);
    throw error;
  }
}

/** Names of the objects of a kind, for what a wrong name may have meant; empty where they may not be listed. */
export async function namesOf(
  client: KubernetesClient,
  kind: Kind,
  namespace: string | undefined,
  signal: AbortSignal,
): Promise<string[]> {
  try {
    const { items } = await listObjects(client, kind, { namespace }, ApiObject, signal);
    return items.map(({ metadata }) => metadata.name);
  } catch (error) {
    if (httpFailureOf(error) === undefined) throw error;
    return [];
  }
}
