import { fingerprint, type Observation, type ParsedStep, type WorkContext } from '@countersign/connector-kit';
import type { JsonObject, Precondition } from '@countersign/protocol';
import { applyState } from '../apply/apply-state.ts';
import type { KubernetesClient } from '../client/kubernetes-client.ts';
import { deploymentState } from '../deployment/kept-state.ts';
import { observedDeployment } from '../deployment/observed.ts';
import { chosenRevision, revisionPlace } from '../deployment/rollback-target.ts';
import { applyAction } from '../manifest/write-actions.ts';
import type { Scope } from '../resource/scope.ts';
import { type Guard, guardEntry } from './guard.ts';
import { look, type View } from './look.ts';
import { placeOf } from './subject.ts';

function precondition(resource: string, kind: string, observed: JsonObject): Precondition {
  return { resource, kind, fingerprint: fingerprint(observed), observed };
}

function observedFields({ found, step, subject }: View): JsonObject {
  if (found.is === 'missing') return { exists: false };
  if (found.is === 'hidden') return { readable: false, why: found.why };
  if (found.is === 'wrong') return { readable: false, why: found.check };
  if (step.action === applyAction.name) {
    const { kind, apiVersion } = subject.resource;
    return { exists: true, kind, api_version: apiVersion, ...applyState(found.object) };
  }
  return observedDeployment(deploymentState(found.object));
}

/** One precondition for each different object, in the order of the steps, and one for each revision that is gone back to. */
export function preconditionsOf(views: readonly View[]): Precondition[] {
  const byResource = new Map<string, Precondition>();
  for (const view of views) {
    const place = placeOf(view.subject);
    const kind = view.step.action === applyAction.name ? 'k8s.object' : 'k8s.deployment';
    byResource.set(place, precondition(place, kind, observedFields(view)));
    const revision = chosenRevision(view);
    if (revision === undefined) continue;
    const { number, replicaSet, uid, fingerprint: template } = revision;
    const of = revisionPlace(view.subject);
    byResource.set(of, precondition(of, 'k8s.revision', { number, replica_set: replicaSet, uid, template }));
  }
  return [...byResource.values()];
}

/** What must not have moved until the first write. */
export function guardFor(views: readonly View[]): Guard {
  const entries = views.flatMap((view) => {
    if (view.found.is === 'hidden' || view.found.is === 'wrong') return [];
    const object = view.found.is === 'there' ? view.found.object : undefined;
    const revision = chosenRevision(view);
    const ofRevision =
      revision === undefined
        ? []
        : [{ place: revisionPlace(view.subject), uid: revision.uid, content: revision.fingerprint }];
    return [guardEntry(view.subject, object), ...ofRevision];
  });
  return { objects: [...new Map(entries.map((entry) => [entry.place, entry])).values()] };
}

/** What a run compares with its plan, and the guard for the first write. */
export async function observe(
  client: KubernetesClient,
  scope: Scope,
  steps: readonly ParsedStep[],
  context: WorkContext,
): Promise<Observation> {
  const { identity, views } = await look(client, scope, steps, context.signal);
  return { identity, preconditions: preconditionsOf(views), guard: guardFor(views) };
}
