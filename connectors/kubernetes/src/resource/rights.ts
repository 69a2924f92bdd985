import { JsonObject } from '@countersign/protocol';
import { z } from 'zod';
import type { KubernetesClient } from '../client/kubernetes-client.ts';
import type { ApiRequest } from '../client/send.ts';

/** One right that a step needs: a verb on a resource. */
export interface Right {
  readonly verb: 'get' | 'list' | 'create' | 'patch';
  readonly group: string;
  readonly resource: string;
  /** Left out for what belongs to no namespace. */
  readonly namespace?: string | undefined;
}

/** The part of a SelfSubjectAccessReview's answer that counts. */
export const ReviewAnswer = z.object({ status: z.object({ allowed: z.boolean() }) });

/** The question whether our account has a right. It changes nothing: nothing of it is kept. */
export function reviewRequest({ verb, group, resource, namespace }: Right): ApiRequest {
  const attributes = { verb, group, resource, ...(namespace === undefined ? {} : { namespace }) };
  return {
    method: 'POST',
    path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    body: JsonObject.parse({
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes: attributes },
    }),
  };
}

/** Whether the account of the target has a right. */
export async function hasRight(client: KubernetesClient, right: Right, signal: AbortSignal): Promise<boolean> {
  const call = { what: 'tell its rights', effect: 'none' as const, request: reviewRequest(right) };
  return (await client.ask(call, ReviewAnswer, signal)).status.allowed;
}

/** `patch deployments.apps in namespace shop`, as checks say it. */
export function rightText({ verb, group, resource, namespace }: Right): string {
  const where = namespace === undefined ? '' : ` in namespace ${namespace}`;
  return `${verb} ${resource}${group === '' ? '' : `.${group}`}${where}`;
}
