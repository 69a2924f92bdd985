import { z } from 'zod';
import { httpFailureOf } from '../client/call-error.ts';
import type { KubernetesClient } from '../client/kubernetes-client.ts';
import { ApiObject } from '../resource/answers.ts';
import { listObjects } from '../resource/list-objects.ts';

const Autoscaler = ApiObject.extend({
  spec: z.looseObject({
    scaleTargetRef: z.looseObject({ kind: z.string(), name: z.string() }),
    minReplicas: z.int().default(1),
    maxReplicas: z.int(),
  }),
});

/** The autoscaler that says how many pods a deployment has; undefined if none does, or the account may not see it. */
export async function autoscalerOf(
  client: KubernetesClient,
  namespace: string,
  deployment: string,
  signal: AbortSignal,
): Promise<{ name: string; min: number; max: number } | undefined> {
  try {
    const { items } = await listObjects(client, 'horizontalpodautoscaler', { namespace }, Autoscaler, signal);
    const found = items.find(
      ({ spec: { scaleTargetRef } }) => scaleTargetRef.kind === 'Deployment' && scaleTargetRef.name === deployment,
    );
    if (found === undefined) return undefined;
    return { name: found.metadata.name, min: found.spec.minReplicas, max: found.spec.maxReplicas };
  } catch (error) {
    if (httpFailureOf(error)?.status !== 403) throw error;
    return undefined;
  }
}
