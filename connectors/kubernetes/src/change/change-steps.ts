import { type Applied, ConnectorError, type ParsedStep, type WorkContext } from '@countersign/connector-kit';
import type { Json, ReconcileAnswer } from '@countersign/protocol';
import { z } from 'zod';
import { applyObject, verifyObject } from '../apply/apply-object.ts';
import { applyState } from '../apply/apply-state.ts';
import type { KubernetesClient } from '../client/kubernetes-client.ts';
import { applyDeployment } from '../deployment/apply-deployment.ts';
import { deploymentState } from '../deployment/kept-state.ts';
import { verifyDeployment } from '../deployment/verify-deployment.ts';
import { applyAction } from '../manifest/write-actions.ts';
import type { ApiObject } from '../resource/answers.ts';
import type { Scope } from '../resource/scope.ts';
import { guardAfter, requireUnmoved } from './guard.ts';
import { subjectOf } from './look.ts';
import { objectAnswer } from './reconcile-object.ts';
import { titleOf } from './subject.ts';
import { readObject } from './write.ts';

/** What is kept of an object, by what its step is about. */
function stateOf(step: ParsedStep, object: ApiObject): Json {
  return step.action === applyAction.name ? applyState(object) : deploymentState(object);
}

/** The state of a step's object before the change; throws E_PLAN_STALE if it moved since it was observed. */
export async function before(
  client: KubernetesClient,
  scope: Scope,
  step: ParsedStep,
  guard: Json,
  context: WorkContext,
): Promise<Json> {
  const { subject } = await subjectOf(client, scope, step, context.signal);
  const object = await readObject(client, subject, context.signal);
  requireUnmoved(subject, object, guard);
  if (object !== undefined) return stateOf(step, object);
  if (step.action === applyAction.name) return applyState(undefined);
  throw new ConnectorError('E_TARGET_MISSING', `there is no ${titleOf(subject)}`, { effect: 'none' });
}

/** Has the effect of a step, once. */
export async function apply(
  client: KubernetesClient,
  scope: Scope,
  step: ParsedStep,
  guard: Json,
  nowMs: number,
  context: WorkContext,
): Promise<Applied> {
  const { subject, manifest } = await subjectOf(client, scope, step, context.signal);
  if (manifest !== undefined) return await applyObject(client, step, subject, manifest, guard, context);
  return await applyDeployment(client, step, subject, guard, nowMs, context);
}

/** Reads back that the change stands and that its pods have followed. */
export async function verify(
  client: KubernetesClient,
  scope: Scope,
  step: ParsedStep,
  applied: Applied,
  context: WorkContext,
): Promise<Json> {
  const { subject, manifest } = await subjectOf(client, scope, step, context.signal);
  if (manifest !== undefined) return await verifyObject(client, step, subject, manifest, applied, context);
  return await verifyDeployment(client, step, subject, applied, context);
}

const Before = z.looseObject({ generation: z.int().nullable() });

/** Reads whether an intent without outcome had its effect. */
export async function reconcile(
  client: KubernetesClient,
  scope: Scope,
  step: ParsedStep,
  intent: { before: Json; guard: Json; recordedAt: number },
  nowMs: number,
  context: WorkContext,
): Promise<{ answer: ReconcileAnswer; after: Json; guard: Json }> {
  const { subject } = await subjectOf(client, scope, step, context.signal);
  const object = await readObject(client, subject, context.signal);
  const { generation } = Before.parse(intent.before);
  const ageMs = nowMs - intent.recordedAt;
  const answer = objectAnswer(subject, object, { guard: intent.guard, key: step.idempotencyKey, generation, ageMs });
  if (object === undefined) return { answer, after: null, guard: intent.guard };
  return { answer, after: stateOf(step, object), guard: guardAfter(intent.guard, subject, object) };
}
