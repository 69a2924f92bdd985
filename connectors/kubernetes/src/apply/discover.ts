import { z } from 'zod';
import type { KubernetesClient } from '../client/kubernetes-client.ts';
import { type Resource, versionPath } from '../resource/resource.ts';

const ResourceList = z.object({
  resources: z.array(z.looseObject({ name: z.string(), kind: z.string(), namespaced: z.boolean() })),
});

/** Where the cluster keeps a kind, by its own word; undefined where it does not know that version or kind. */
export async function discoverResource(
  client: KubernetesClient,
  { apiVersion, kind }: { readonly apiVersion: string; readonly kind: string },
  signal: AbortSignal,
): Promise<Resource | undefined> {
  const request = { path: versionPath(apiVersion) };
  const found = await client.find(
    { what: `list the kinds of ${apiVersion}`, effect: 'none', request },
    ResourceList,
    signal,
  );
  const resource = found?.resources.find((each) => each.kind === kind && !each.name.includes('/'));
  return resource === undefined
    ? undefined
    : { kind, apiVersion, plural: resource.name, namespaced: resource.namespaced };
}
