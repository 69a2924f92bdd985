import { join, resolve } from 'node:path';
import { startKubernetes } from '@countersign/testing';
import type { Ground, Missing } from '../part/part.ts';
import { findProgram, run } from '../stage/program.ts';
import { type Daemon, kubeScript } from './docker-daemon.ts';

/** A cluster that answers. */
export interface Cluster {
  readonly kubeconfig: string;
  readonly own: boolean;
  readonly version: string;
}

/** Runs kubectl against a cluster. */
export function kubectl(kubeconfig: string, args: readonly string[], signal?: AbortSignal): Promise<string> {
  return run('kubectl', ['--kubeconfig', kubeconfig, ...args], signal);
}

const install = 'apt-get install -y --no-install-recommends kubernetes-client etcd-server jq curl';

const versionOf = async (kubeconfig: string, signal: AbortSignal) =>
  (await kubectl(kubeconfig, ['get', '--raw', '/version'], signal)).match(/"gitVersion":\s*"([^"]+)"/)?.[1] ??
  'unknown';

/** The cluster of KUBECONFIG, else one of the demo's own beside its own dockerd. */
export async function findCluster(daemon: Daemon | undefined, ground: Ground): Promise<Cluster | Missing> {
  if (findProgram('kubectl') === undefined) return { missing: 'there is no kubectl', next: install };
  // Of several files the first, as kubectl takes it where all have the same names.
  const [given = ''] = (process.env['KUBECONFIG'] ?? '').split(':');
  if (given !== '') {
    const version = await versionOf(given, ground.signal);
    return { kubeconfig: resolve(given), own: false, version };
  }
  const script = kubeScript();
  const next = 'KUBECONFIG=/path/to/kubeconfig npm run demo:devops';
  if (script === undefined) return { missing: 'no cluster is named, and there is no kube.sh to start one', next };
  if (daemon?.own !== true)
    return { missing: 'no cluster is named; the demo starts one only beside a dockerd of its own', next };
  const absent = ['etcd', 'jq', 'curl'].filter((name) => findProgram(name) === undefined);
  if (absent.length > 0) return { missing: `a cluster needs ${absent.join(', ')}`, next: install };
  const cluster = await startKubernetes(script, join(ground.folder, 'kube'), daemon.socket);
  ground.cleanup.add('the cluster', () => cluster.stop());
  return { kubeconfig: cluster.kubeconfig, own: true, version: await versionOf(cluster.kubeconfig, ground.signal) };
}
