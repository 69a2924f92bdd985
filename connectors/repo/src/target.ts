import type { ConnectorPorts } from '@countersign/connector-kit';
import type { RepoConfig } from './config.ts';
import type { Allowlist } from './paths/allowlist.ts';

/** One configured repository and the ports to reach it through. */
export interface RepoTarget {
  readonly config: RepoConfig;
  readonly allowlist: Allowlist;
  readonly ports: ConnectorPorts;
}
