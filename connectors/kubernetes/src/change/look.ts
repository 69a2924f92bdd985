import type { ParsedStep } from '@countersign/connector-kit';
import { z } from 'zod';
import { httpFailureOf } from '../client/call-error.ts';
import type { KubernetesClient } from '../client/kubernetes-client.ts';
import { DeploymentInputs } from '../deployment/deployment-inputs.ts';
import { type Revision, revisionsOf } from '../deployment/revisions.ts';
import { rollbackAction } from '../manifest/write-actions.ts';
import { type ApiObject, Deployment } from '../resource/answers.ts';
import { nearestObjects } from '../resource/find-object.ts';
import type { Scope } from '../resource/scope.ts';
import { deploymentSubject, type Subject } from './subject.ts';
import { readObject } from './write.ts';

/** What stands where a step's object is to be. */
export type Found =
  | { readonly is: 'there'; readonly object: ApiObject; readonly revisions: readonly Revision[] }
  | { readonly is: 'missing'; readonly nearest: readonly string[] }
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

/** The object that a step changes. */
export async function subjectOf(scope: Scope, step: ParsedStep, signal: AbortSignal): Promise<Subject> {
  const { deployment, namespace } = DeploymentInputs.parse(step.inputs);
  return deploymentSubject(await scope.namespaceOf(namespace, signal), deployment);
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
      return { is: 'missing', nearest: await nearestObjects(client, 'deployment', namespace, name, signal) };
    }
    const revisions =
      step.action === rollbackAction.name ? await revisionsOf(client, Deployment.parse(object), signal) : [];
    return { is: 'there', object, revisions };
  } catch (error) {
    if (httpFailureOf(error)?.status !== 403) throw error;
    return { is: 'hidden', why: 'forbidden' };
  }
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
    const subject = await subjectOf(scope, step, signal);
    views.push({ step, subject, found: await find(client, scope, step, subject, signal) });
  }
  return { identity, views };
}
