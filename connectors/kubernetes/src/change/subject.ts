import { objectTitle } from '../resource/find-object.ts';
import { objectPath, type Resource, resourceName } from '../resource/resource.ts';

/** The one object that a step changes. */
export interface Subject {
  readonly resource: Resource;
  readonly namespace: string | undefined;
  readonly name: string;
}

/** How preconditions and diffs name it: `namespaces/shop/deployments.apps/web`. */
export function placeOf({ resource, namespace, name }: Subject): string {
  const within = namespace === undefined ? '' : `namespaces/${namespace}/`;
  return `${within}${resourceName(resource)}/${name}`;
}

/** How texts name it: `deployment web in shop`. */
export function titleOf({ resource, namespace, name }: Subject): string {
  return objectTitle(resource.kind.toLowerCase(), namespace, name);
}

/** Its path in the API. */
export function pathOf({ resource, namespace, name }: Subject): string {
  return objectPath(resource, namespace, name);
}

/** The subject of a deployment's steps. */
export function deploymentSubject(namespace: string, name: string): Subject {
  const resource = { kind: 'Deployment', apiVersion: 'apps/v1', plural: 'deployments', namespaced: true };
  return { resource, namespace, name };
}
