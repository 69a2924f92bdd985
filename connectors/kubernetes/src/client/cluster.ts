import type { RequestOptions } from 'node:https';
import { ConnectorError, nearestNames } from '@countersign/connector-kit';
import type { KubeConfig } from '@kubernetes/client-node';
import type { KubernetesConfig } from '../config.ts';
import { safeMessage } from './failure.ts';

/** Where the API server is, and how requests to it are made ours. */
export interface Cluster {
  readonly server: URL;
  /** The namespace that the context names. */
  readonly namespace: string | undefined;
  /** Adds TLS settings and credentials; runs the exec plugin of the kubeconfig where it has one. */
  authorize(options: RequestOptions): Promise<void>;
}

function unusable(what: string, next: string, cause?: unknown): ConnectorError {
  const why = cause instanceof Error ? `: ${safeMessage(cause.message)}` : '';
  return new ConnectorError('E_TARGET_UNREACHABLE', `${what}${why}`, { effect: 'none', detail: { next }, cause });
}

/** The SDK brings 80 MB of memory with it: only who asks a cluster something pays for them. */
async function loadKubeConfig({ kubeconfig }: KubernetesConfig): Promise<KubeConfig> {
  const { KubeConfig } = await import('@kubernetes/client-node');
  const loaded = new KubeConfig();
  if (kubeconfig !== undefined) {
    try {
      loaded.loadFromFile(kubeconfig);
    } catch (cause) {
      throw unusable(`the kubeconfig ${kubeconfig} cannot be read`, 'mend `kubeconfig` of the target', cause);
    }
    return loaded;
  }
  if (process.env['KUBERNETES_SERVICE_HOST'] === undefined) {
    throw unusable('this worker runs in no pod', 'give the target a `kubeconfig` instead of `in_cluster`');
  }
  loaded.loadFromCluster();
  return loaded;
}

/** Reads the credentials of a target. Throws E_TARGET_UNREACHABLE, effect none, where they cannot be had. */
export async function loadCluster(config: KubernetesConfig): Promise<Cluster> {
  const loaded = await loadKubeConfig(config);
  const context = config.context ?? loaded.getCurrentContext();
  const contexts = loaded.getContexts().map(({ name }) => name);
  if (!contexts.includes(context)) {
    const nearest = nearestNames(context ?? '', contexts).join(', ');
    throw unusable(`the kubeconfig has no context ${context}`, nearest === '' ? 'name another' : `nearest: ${nearest}`);
  }
  loaded.setCurrentContext(context);
  const cluster = loaded.getCurrentCluster();
  if (cluster === null) throw unusable(`context ${context} names no cluster`, 'mend the kubeconfig');
  if (!URL.canParse(cluster.server)) throw unusable(`cluster ${cluster.name} has no server URL`, 'mend the kubeconfig');
  return {
    server: new URL(cluster.server),
    namespace: loaded.getContextObject(context)?.namespace,
    authorize: async (options) => {
      try {
        await loaded.applyToHTTPSOptions(options);
      } catch (cause) {
        const plugin = loaded.getCurrentUser()?.exec === undefined ? '' : ' by its exec plugin';
        throw unusable(
          `the credentials of the kubeconfig cannot be had${plugin}`,
          'log in to the cluster again',
          cause,
        );
      }
    },
  };
}
