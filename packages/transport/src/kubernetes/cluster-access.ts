import { ConnectorError, nearestNames } from '@countersign/connector-kit';
import type { KubeConfig } from '@kubernetes/client-node';
import { z } from 'zod';
import { safeDaemonMessage } from '../docker/docker-failure.ts';

/** How a cluster is reached: by a kubeconfig, or as the account of the pod that the worker runs in. */
export const ClusterAccess = z.strictObject({
  kubeconfig: z.string().min(1).optional().describe('Path of a kubeconfig; KUBECONFIG and ~/.kube are not followed.'),
  in_cluster: z.literal(true).optional().describe("Use the service account of the worker's own pod."),
  context: z.string().min(1).optional().describe("Context of the kubeconfig; left out: the file's current one."),
});
export type ClusterAccess = z.infer<typeof ClusterAccess>;

/** Credentials that cannot be had. */
export function unusableAccess(what: string, next: string, cause?: unknown): ConnectorError {
  const why = cause instanceof Error ? `: ${safeDaemonMessage(cause.message)}` : '';
  return new ConnectorError('E_TARGET_UNREACHABLE', `${what}${why}`, { effect: 'none', detail: { next }, cause });
}

/** The SDK brings 80 MB of memory with it: only who asks a cluster something pays for them. */
async function load({ kubeconfig, in_cluster }: ClusterAccess): Promise<KubeConfig> {
  const { KubeConfig } = await import('@kubernetes/client-node');
  const loaded = new KubeConfig();
  if (kubeconfig !== undefined && in_cluster === undefined) {
    try {
      loaded.loadFromFile(kubeconfig);
    } catch (cause) {
      throw unusableAccess(`the kubeconfig ${kubeconfig} cannot be read`, 'mend `kubeconfig`', cause);
    }
    return loaded;
  }
  if (kubeconfig !== undefined || in_cluster === undefined) {
    throw unusableAccess('the cluster has no credentials', 'give `kubeconfig` or `in_cluster: true`; one of them');
  }
  if (process.env['KUBERNETES_SERVICE_HOST'] === undefined) {
    throw unusableAccess('this worker runs in no pod', 'give a `kubeconfig` instead of `in_cluster`');
  }
  loaded.loadFromCluster();
  return loaded;
}

/** Reads the credentials of a cluster, with the context chosen. Throws E_TARGET_UNREACHABLE, effect none, where they cannot be had. */
export async function loadClusterAccess(access: ClusterAccess): Promise<KubeConfig> {
  const loaded = await load(access);
  const context = access.context ?? loaded.getCurrentContext();
  const contexts = loaded.getContexts().map(({ name }) => name);
  if (!contexts.includes(context)) {
    const nearest = nearestNames(context ?? '', contexts).join(', ');
    const next = nearest === '' ? 'name another' : `nearest: ${nearest}`;
    throw unusableAccess(`the kubeconfig has no context ${context}`, next);
  }
  loaded.setCurrentContext(context);
  const cluster = loaded.getCurrentCluster();
  if (cluster === null) throw unusableAccess(`context ${context} names no cluster`, 'mend the kubeconfig');
  if (!URL.canParse(cluster.server)) {
    throw unusableAccess(`cluster ${cluster.name} has no server URL`, 'mend the kubeconfig');
  }
  return loaded;
}
