import { ConnectorError, nearestNames } from '@countersign/connector-kit';
import type { z } from 'zod';
import type { KubernetesClient } from '../client/kubernetes-client.ts';
import { namesOf } from './list-objects.ts';
import { type Kind, objectPath, resourcesOf } from './resource.ts';

/** The words by which one object is named in texts: `deployment web in shop`. */
export function objectTitle(kind: string, namespace: string | undefined, name: string): string {
  return namespace === undefined ? `${kind} ${name}` : `${kind} ${name} in ${namespace}`;
}

/** One object by its name; undefined where there is none. */
export async function findObject<Schema extends z.ZodType>(
  client: KubernetesClient,
  kind: Kind,
  namespace: string | undefined,
  name: string,
  schema: Schema,
  signal: AbortSignal,
): Promise<z.output<Schema> | undefined> {
  for (const resource of resourcesOf[kind]) {
    const request = { path: objectPath(resource, namespace, name) };
    const what = `get ${objectTitle(kind, namespace, name)}`;
    const found = await client.find({ what, effect: 'none', request }, schema, signal);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** No object of that kind has that name. */
export function missingObject(
  kind: string,
  namespace: string | undefined,
  name: string,
  nearest: readonly string[],
): ConnectorError {
  const hint = nearest.length === 0 ? '' : `; nearest: ${nearest.join(', ')}`;
  const where = namespace === undefined ? '' : ` in namespace ${namespace}`;
  return new ConnectorError('E_TARGET_MISSING', `no ${kind} ${name}${where}${hint}`, {
    effect: 'none',
    detail: { kind, name, ...(namespace === undefined ? {} : { namespace }), nearest: [...nearest] },
  });
}

/** Names near a wrong one, nearest first. */
export async function nearestObjects(
  client: KubernetesClient,
  kind: Kind,
  namespace: string | undefined,
  name: string,
  signal: AbortSignal,
): Promise<string[]> {
  return nearestNames(name, await namesOf(client, kind, namespace, signal));
}

/** One object by its name; throws E_TARGET_MISSING with the nearest names if there is none. */
export async function requireObject<Schema extends z.ZodType>(
  client: KubernetesClient,
  kind: Kind,
  namespace: string | undefined,
  name: string,
  schema: Schema,
  signal: AbortSignal,
): Promise<z.output<Schema>> {
  const found = await findObject(client, kind, namespace, name, schema, signal);
  if (found !== undefined) return found;
  throw missingObject(kind, namespace, name, await nearestObjects(client, kind, namespace, name, signal));
}
