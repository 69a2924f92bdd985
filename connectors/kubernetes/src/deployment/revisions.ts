import { ConnectorError } from '@countersign/connector-kit';
import type { KubernetesClient } from '../client/kubernetes-client.ts';
import { type Deployment, ReplicaSet } from '../resource/answers.ts';
import { listObjects } from '../resource/list-objects.ts';
import { revisionAnnotation, templateFingerprint, withoutHash } from './kept-state.ts';

/** A pod template that a deployment had, under its number. */
export interface Revision {
  readonly number: number;
  readonly replicaSet: string;
  readonly uid: string;
  readonly template: Deployment['spec']['template'];
  readonly fingerprint: string;
}

/** The revisions that a deployment still has, oldest first: the controller keeps each as a replica set. */
export async function revisionsOf(
  client: KubernetesClient,
  { metadata }: Deployment,
  signal: AbortSignal,
): Promise<Revision[]> {
  const { items } = await listObjects(client, 'replicaset', { namespace: metadata.namespace }, ReplicaSet, signal);
  return items
    .filter((each) => each.metadata.ownerReferences.some(({ uid }) => uid === metadata.uid))
    .map(({ metadata: { name, uid, annotations }, spec: { template } }) => ({
      number: Number(annotations[revisionAnnotation] ?? 0),
      replicaSet: name,
      uid,
      template: withoutHash(template),
      fingerprint: templateFingerprint(template),
    }))
    .sort((left, right) => left.number - right.number);
}

/** The revision to go back to: the named one, else the newest before today's. Undefined if there is none. */
export function earlierRevision(
  revisions: readonly Revision[],
  present: number,
  named: number | undefined,
): Revision | undefined {
  if (named !== undefined) return revisions.find(({ number }) => number === named);
  return revisions.findLast(({ number }) => number < present);
}

/** The revision under that number. Throws E_PLAN_STALE, effect none, where it is gone. */
export function requireRevision(revisions: readonly Revision[], uid: string, title: string): Revision {
  const found = revisions.find((each) => each.uid === uid);
  if (found !== undefined) return found;
  throw new ConnectorError('E_PLAN_STALE', `${title} no longer keeps the revision that was observed`, {
    effect: 'none',
    detail: { moved: 'revision', next: 'plan again from the present state' },
  });
}
