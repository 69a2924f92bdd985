import { type Applied, ConnectorError, type ParsedStep, type WorkContext } from '@countersign/connector-kit';
import type { Json } from '@countersign/protocol';
import { guardAfter, guardOf } from '../change/guard.ts';
import { type Subject, titleOf } from '../change/subject.ts';
import { type Patch, readObject, writeObject } from '../change/write.ts';
import type { KubernetesClient } from '../client/kubernetes-client.ts';
import {
  restartAction,
  rollbackAction,
  ScaleInputs,
  SetImageInputs,
  scaleAction,
  setImageAction,
} from '../manifest/write-actions.ts';
import { type ApiObject, Deployment } from '../resource/answers.ts';
import { imageContainer } from './change-diff.ts';
import { deploymentState } from './kept-state.ts';
import { imagePatch, restartPatch, scalePatch, templatePatch } from './patches.ts';
import { type Revision, requireRevision, revisionsOf } from './revisions.ts';
import { revisionPlace } from './rollback-target.ts';

function patchFor(step: ParsedStep, object: ApiObject, revision: Revision | undefined, nowMs: number): Patch {
  const key = step.idempotencyKey;
  if (step.action === scaleAction.name) return scalePatch(object, key, ScaleInputs.parse(step.inputs).replicas);
  if (step.action === restartAction.name) return restartPatch(object, key, nowMs);
  if (step.action === setImageAction.name) {
    const { container, image } = SetImageInputs.parse(step.inputs);
    const chosen = imageContainer(deploymentState(object), container);
    if (!('problem' in chosen)) return imagePatch(object, key, chosen, image);
    throw new ConnectorError('E_VALIDATION', chosen.problem, { effect: 'none', detail: { field: 'container' } });
  }
  if (revision !== undefined) return templatePatch(object, key, revision);
  throw new ConnectorError('E_VALIDATION', `${step.action} cannot be done`, { effect: 'none' });
}

/** The revision that was observed, as the deployment keeps it now. */
async function observedRevision(
  client: KubernetesClient,
  subject: Subject,
  object: ApiObject,
  guard: Json,
  signal: AbortSignal,
): Promise<Revision> {
  const title = titleOf(subject);
  const { uid } = guardOf(guard, revisionPlace(subject), title);
  return requireRevision(await revisionsOf(client, Deployment.parse(object), signal), uid ?? '', title);
}

/** Changes a deployment, once, and answers what it is then; its pods follow by and by. */
export async function applyDeployment(
  client: KubernetesClient,
  step: ParsedStep,
  subject: Subject,
  guard: Json,
  nowMs: number,
  context: WorkContext,
): Promise<Applied> {
  const { signal } = context;
  let revision: Revision | undefined;
  if (step.action === rollbackAction.name) {
    const object = await readObject(client, subject, signal);
    if (object !== undefined) revision = await observedRevision(client, subject, object, guard, signal);
  }
  const what = `change ${titleOf(subject)}`;
  context.progress(`changing ${titleOf(subject)}`);
  const patchOf = (object: ApiObject | undefined): Patch => {
    if (object !== undefined) return patchFor(step, object, revision, nowMs);
    throw new ConnectorError('E_TARGET_MISSING', `there is no ${titleOf(subject)}`, { effect: 'none' });
  };
  const changed = await writeObject(client, subject, guard, what, patchOf, signal);
  return { after: deploymentState(changed), guard: guardAfter(guard, subject, changed) };
}
