import { ConnectorError, type ParsedStep } from '@countersign/connector-kit';
import { z } from 'zod';
import { applySubject } from '../apply/apply-subject.ts';
import type { Manifest } from '../apply/manifest.ts';
import { httpFailureOf } from '../client/call-error.ts';
import type { KubernetesClient } from '../client/kubernetes-client.ts';
import { DeploymentInputs } from '../deployment/deployment-inputs.ts';
import { type Revision, revisionsOf } from '../deployment/revisions.ts';
import { applyAction, rollbackAction } from '../manifest/write-actions.ts';
import { type ApiObject, Deployment } from '../resource/answers.ts';
import { nearestObjects } from '../resource/find-object.ts';
import type { Scope } from '../resource/scope.ts';
import { deploymentSubject, type Subject } from './subject.ts';
import { readObject } from './write.ts';

/** What stands where a step's object is to be. */
export type Found =
  | { readonly is: 'there'; readonly object: ApiObject; readonly revisions: readonly Revision[] }
  | { readonly is: 'missing'; readonly nearest: readonly string[] }
  /** There is nothing to look at: the step's own input is wrong. */
  | { readonly is: 'wrong'; readonly check: string; readonly problem: string }
  /** Its account may not look, or the target's settings leave the namespace out. */
  | { readonly is: 'hidden'; readonly why: 'forbidden' | 'outside' };

/** One step of the list with the object that it is about. */
export interface View {
  readonly step: ParsedStep;
  readonly subject: Subject;
  readonly found: Found;
}

const Namespace = z.looseObject({ metadata: z.looseObject({ uid: z.string().min(1) }) });

/**
 * Who a cluster is: the uid of kube-system, which no other has. An account that may not read it knows the cluster by the address
 * of its server.
 */
export async function identityOf(client: KubernetesClient, signal: AbortSignal): Promise<string> {
  const request = { path: '/api/v1/namespaces/kube-system' };
  try {
    const { metadata } = await client.ask(
      { what: 'get namespace kube-system', effect: 'none', request },
      Namespace,
      signal,
    );
    return `k8s:${metadata.uid}`;
  } catch (error) {
    if (httpFailureOf(error)?.status !== 403) throw error;
    return `k8s:${(await client.cluster(signal)).server}`;
  }
}

/** What stands for the object of a step that names none. */
function noSubject({ index }: ParsedStep): Subject {
  const resource = { kind: 'Manifest', apiVersion: 'v1', plural: 'manifests', namespaced: false };
  return { resource, namespace: undefined, name: `step-${index}` };
}

/** The object that a step changes, and the manifest where it has one. Throws E_VALIDATION, effect none, where it names none. */
export async function subjectOf(
  client: KubernetesClient,
  scope: Scope,
  step: ParsedStep,
  signal: AbortSignal,
): Promise<{ subject: Subject; manifest: Manifest | undefined }> {
  if (step.action === applyAction.name) {
    const named = await applySubject(client, scope, step, signal);
    if ('subject' in named) return named;
    throw new ConnectorError('E_VALIDATION', named.problem, { effect: 'none', detail: { field: 'manifest' } });
  }
  const { deployment, namespace } = DeploymentInputs.parse(step.inputs);
  return { subject: deploymentSubject(await scope.namespaceOf(namespace, signal), deployment), manifest: undefined };
}

async function find(
  client: KubernetesClient,
  scope: Scope,
  step: ParsedStep,
  subject: Subject,
  signal: AbortSignal,
): Promise<Found> {
  const { namespace, name } = subject;
  if (namespace !== undefined && !scope.allows(namespace)) return { is: 'hidden', why: 'outside' };
  try {
    const object = await readObject(client, subject, signal);
    if (object === undefined) {
      const wanted = step.action !== applyAction.name;
      return {
        is: 'missing',
        nearest: wanted ? await nearestObjects(client, 'deployment', namespace, name, signal) : [],
      };
    }
    const revisions =
      step.action === rollbackAction.name ? await revisionsOf(client, Deployment.parse(object), signal) : [];
    return { is: 'there', object, revisions };
  } catch (error) {
    if (httpFailureOf(error)?.status !== 403) throw error;
    return { is: 'hidden', why: 'forbidden' };
  }
}

async function viewOf(client: KubernetesClient, scope: Scope, step: ParsedStep, signal: AbortSignal): Promise<View> {
  if (step.action === applyAction.name) {
    const named = await applySubject(client, scope, step, signal);
    if ('problem' in named) return { step, subject: noSubject(step), found: { is: 'wrong', ...named } };
    return { step, subject: named.subject, found: await find(client, scope, step, named.subject, signal) };
  }
  const { subject } = await subjectOf(client, scope, step, signal);
  return { step, subject, found: await find(client, scope, step, subject, signal) };
}

/** One look at everything a list of steps is about. */
export async function look(
  client: KubernetesClient,
  scope: Scope,
  steps: readonly ParsedStep[],
  signal: AbortSignal,
): Promise<{ identity: string; views: View[] }> {
  const identity = await identityOf(client, signal);
  const views: View[] = [];
  for (const step of steps) {
    views.push(await viewOf(client, scope, step, signal));
  }
  return { identity, views };
}
