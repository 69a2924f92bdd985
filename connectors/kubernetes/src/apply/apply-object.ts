import { type Applied, ConnectorError, type ParsedStep, type WorkContext } from '@countersign/connector-kit';
import type { Json, JsonObject } from '@countersign/protocol';
import { guardAfter, staleObject, stepAnnotation } from '../change/guard.ts';
import { type Subject, titleOf } from '../change/subject.ts';
import { type Patch, readObject, writeObject } from '../change/write.ts';
import { httpFailureOf } from '../client/call-error.ts';
import type { KubernetesClient } from '../client/kubernetes-client.ts';
import { followRollout } from '../deployment/follow-rollout.ts';
import { ApplyInputs } from '../manifest/write-actions.ts';
import { plainObject } from '../plain-object.ts';
import { ApiObject } from '../resource/answers.ts';
import { ApplyState, applyState } from './apply-state.ts';
import { applyPatch, dryRun } from './dry-run.ts';
import type { Manifest } from './manifest.ts';
import { isObject, meantObject } from './shown-object.ts';

/** The manifest as it is written: under our step's name, and at the resourceVersion of what it is written over. */
function bodyOf({ object }: Manifest, subject: Subject, live: ApiObject | undefined, key: string): JsonObject {
  const metadata = isObject(object['metadata']) ? object['metadata'] : {};
  const annotations = isObject(metadata['annotations']) ? metadata['annotations'] : {};
  const at = live === undefined ? {} : { resourceVersion: live.metadata.resourceVersion };
  const within = subject.namespace === undefined ? {} : { namespace: subject.namespace };
  return {
    ...object,
    metadata: { ...metadata, ...within, ...at, annotations: { ...annotations, [stepAnnotation]: key } },
  };
}

/**
 * Applies a manifest, once. What was not there when it was observed is made without force: if somebody makes it in the same
 * moment, their fields conflict and nothing of theirs is written over.
 */
export async function applyObject(
  client: KubernetesClient,
  step: ParsedStep,
  subject: Subject,
  manifest: Manifest,
  guard: Json,
  context: WorkContext,
): Promise<Applied> {
  const { force } = ApplyInputs.parse(step.inputs);
  const title = titleOf(subject);
  context.progress(`applying ${title}`);
  const patchOf = (live: ApiObject | undefined): Patch => ({
    mediaType: applyPatch,
    body: bodyOf(manifest, subject, live, step.idempotencyKey),
    query: { force: force && live !== undefined },
  });
  try {
    const changed = await writeObject(client, subject, guard, `apply ${title}`, patchOf, context.signal);
    return { after: applyState(changed), guard: guardAfter(guard, subject, changed) };
  } catch (error) {
    const causes = httpFailureOf(error)?.causes ?? [];
    const [conflict] = causes.filter(({ reason }) => reason === 'FieldManagerConflict');
    if (conflict === undefined) throw error;
    throw staleObject(title, `has a field that another owns now: ${conflict.field}`, 'field_owner');
  }
}

function verifyError(subject: Subject, problem: string): ConnectorError {
  return new ConnectorError('E_VERIFY', `${titleOf(subject)} ${problem}`);
}

/**
 * Reads back that the object is as its manifest says: applying it once more would change nothing. The rollout of a deployment is
 * followed to its end. Throws E_VERIFY.
 */
export async function verifyObject(
  client: KubernetesClient,
  step: ParsedStep,
  subject: Subject,
  manifest: Manifest,
  applied: Applied,
  context: WorkContext,
): Promise<Json> {
  const { signal } = context;
  const { wait_seconds: waitSeconds } = ApplyInputs.parse(step.inputs);
  const after = ApplyState.parse(applied.after);
  const live = await readObject(client, subject, signal);
  if (live === undefined) throw verifyError(subject, 'is gone after it was applied');
  if (live.metadata.uid !== after.uid) throw verifyError(subject, 'was replaced by another one');
  const again = await dryRun(client, subject, manifest.object, { force: false, signal });
  if (again.is === 'conflict') throw verifyError(subject, `was changed by another: ${again.causes[0]?.message ?? ''}`);
  if (again.is === 'refused') throw verifyError(subject, `is not taken by the cluster any more: ${again.message}`);
  const meant = (object: ApiObject): string => JSON.stringify(meantObject(plainObject(object)));
  if (meant(ApiObject.parse(again.object)) !== meant(live)) throw verifyError(subject, 'is not as its manifest says');
  if (subject.resource.kind === 'Deployment') {
    await followRollout(client, { subject, waitSeconds, problem: () => undefined }, context);
  }
  return applyState(live);
}
