import { ConnectorError } from '@countersign/connector-kit';
import type { KubernetesClient } from '../client/kubernetes-client.ts';
import type { KubernetesConfig } from '../config.ts';

/** Which namespaces a target is about. */
export interface Scope {
  /** The namespace that a step means: the one it names, else the target's, the context's, or `default`. */
  namespaceOf(named: string | undefined, signal: AbortSignal): Promise<string>;
  /** Whether the target's settings let that namespace be looked at and changed. */
  allows(namespace: string): boolean;
  /** Whether the target's settings let objects of that kind be applied. */
  applies(kind: string): boolean;
  /** The namespaces that the settings name; undefined where all may be. */
  readonly only: readonly string[] | undefined;
}

export function makeScope(config: KubernetesConfig, client: KubernetesClient): Scope {
  const only = config.namespaces;
  return {
    only,
    applies: (kind) => config.apply_kinds.includes(kind),
    allows: (namespace) => only === undefined || only.includes(namespace),
    namespaceOf: async (named, signal) =>
      named ?? config.namespace ?? (await client.cluster(signal)).namespace ?? 'default',
  };
}

/** The namespace of a read. Throws E_VALIDATION where the settings of the target do not allow it. */
export async function readableNamespace(scope: Scope, named: string | undefined, signal: AbortSignal): Promise<string> {
  const namespace = await scope.namespaceOf(named, signal);
  if (scope.allows(namespace)) return namespace;
  throw outside(scope, `namespace ${namespace} is none of this target's`);
}

/** The error of a read that goes past the namespaces of the target. */
export function outside({ only = [] }: Scope, message: string): ConnectorError {
  return new ConnectorError('E_VALIDATION', message, {
    effect: 'none',
    detail: { field: 'namespace', allowed: [...only], next: 'name one of these, or widen `namespaces` of the target' },
  });
}
