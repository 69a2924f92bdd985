import type { RequestOptions } from 'node:https';
import { loadClusterAccess, unusableAccess } from '@countersign/transport';
import type { KubernetesConfig } from '../config.ts';

/** Where the API server is, and how requests to it are made ours. */
export interface Cluster {
  readonly server: URL;
  /** The namespace that the context names. */
  readonly namespace: string | undefined;
  /** Adds TLS settings and credentials; runs the exec plugin of the kubeconfig where it has one. */
  authorize(options: RequestOptions): Promise<void>;
}

/** Reads the credentials of a target. Throws E_TARGET_UNREACHABLE, effect none, where they cannot be had. */
export async function loadCluster({ kubeconfig, in_cluster, context }: KubernetesConfig): Promise<Cluster> {
  const loaded = await loadClusterAccess({ kubeconfig, in_cluster, context });
  const server = loaded.getCurrentCluster()?.server ?? '';
  return {
    server: new URL(server),
    namespace: loaded.getContextObject(loaded.getCurrentContext())?.namespace,
    authorize: async (options) => {
      try {
        await loaded.applyToHTTPSOptions(options);
      } catch (cause) {
        const plugin = loaded.getCurrentUser()?.exec === undefined ? '' : ' by its exec plugin';
        throw unusableAccess(
          `the credentials of the kubeconfig cannot be had${plugin}`,
          'log in to the cluster again',
          cause,
        );
      }
    },
  };
}
