import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { get, request } from 'node:https';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { z } from 'zod';
import { waitUntil } from '../process/wait-until.ts';

const execute = promisify(execFile);

/** A Kubernetes cluster of the tests' own: a control plane, and one node whose pods run on a Docker daemon. */
export interface KubernetesCluster {
  /** Path of its administrator's kubeconfig. */
  readonly kubeconfig: string;
  stop(): Promise<void>;
}

/** Options that dockerd needs to run the pods of `startKubernetes`. `script` is kube.sh. */
export async function dockerdOptionsFor(script: string, folder: string): Promise<string[]> {
  const { stdout } = await execute('bash', [script, 'shim', folder]);
  return ['--add-runtime', `noom=${stdout.trim()}`, '--default-runtime', 'noom'];
}

const Nodes = z.object({
  items: z.array(
    z.object({ status: z.object({ conditions: z.array(z.object({ type: z.string(), status: z.string() })) }) }),
  ),
});

/** The nodes of the cluster that are ready, as its API says. */
async function readyNodes(server: string): Promise<number> {
  const options = { headers: { authorization: 'Bearer admin-token' }, rejectUnauthorized: false };
  const said = await new Promise<string>((resolve, reject) => {
    get(new URL('/api/v1/nodes', server), options, (answer) => text(answer).then(resolve, reject)).on('error', reject);
  });
  const { items } = Nodes.parse(JSON.parse(said));
  const isReady = ({ type, status }: { type: string; status: string }) => type === 'Ready' && status === 'True';
  return items.filter(({ status }) => status.conditions.some(isReady)).length;
}

/** Where each kind that tests use is made. */
const made = [
  ...['configmaps', 'pods', 'services', 'serviceaccounts'].map((plural) => `/api/v1/namespaces/default/${plural}`),
  ...['deployments', 'statefulsets', 'daemonsets', 'replicasets'].map(
    (each) => `/apis/apps/v1/namespaces/default/${each}`,
  ),
  ...['roles', 'rolebindings'].map((each) => `/apis/rbac.authorization.k8s.io/v1/namespaces/default/${each}`),
  ...['clusterroles', 'clusterrolebindings'].map((each) => `/apis/rbac.authorization.k8s.io/v1/${each}`),
  ...['/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers', '/apis/batch/v1/namespaces/default/jobs'],
  ...[
    '/apis/networking.k8s.io/v1/namespaces/default/ingresses',
    '/apis/networking.k8s.io/v1/namespaces/default/networkpolicies',
  ],
  ...[
    '/apis/policy/v1beta1/namespaces/default/poddisruptionbudgets',
    '/apis/batch/v1beta1/namespaces/default/cronjobs',
  ],
];

/**
 * Has the API server read one object of each kind, and keep none. Its library for JSON learns kinds when it first meets them; built
 * with a newer Go than it was written for, it can do that only while the server is young, and later ends the connection instead.
 */
async function warmUp(server: string): Promise<void> {
  for (const path of made) {
    const options = {
      method: 'POST',
      headers: { authorization: 'Bearer admin-token', 'content-type': 'application/json' },
      rejectUnauthorized: false,
    };
    await new Promise<void>((resolve, reject) => {
      const asked = request(new URL(`${path}?dryRun=All`, server), options, (answer) =>
        answer.resume().on('end', resolve),
      );
      asked.on('error', reject).end(JSON.stringify({ metadata: { name: 'warm-up', labels: { warm: 'up' } } }));
    });
  }
}

/** Process ids of what runs of a cluster, as kube.sh noted them. */
async function processesOf(folder: string): Promise<number[]> {
  const names = await readdir(join(folder, 'pid')).catch(() => []);
  return await Promise.all(names.map(async (name) => Number(await readFile(join(folder, 'pid', name), 'utf8'))));
}

/** Whether a process runs no more; one that nobody has asked for its exit code yet does not. */
function hasEnded(pid: number): boolean {
  try {
    return / [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return true;
  }
}

/** What a kubelet left mounted below the folder, which nobody could remove otherwise; the innermost come first. */
async function mountsBelow(folder: string): Promise<string[]> {
  const mounts = (await readFile('/proc/self/mounts', 'utf8')).split('\n').map((line) => line.split(' ')[1] ?? '');
  return mounts.filter((mount) => mount.startsWith(`${folder}/`)).reverse();
}

/** The ports of kube.sh are fixed: a second cluster beside a first would quietly be the first. */
async function requireFreePort(port: number): Promise<void> {
  const taken = await new Promise<boolean>((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true));
    socket.on('error', () => resolve(false)).on('connect', () => socket.destroy());
  });
  if (taken) throw new Error(`Port ${port} is taken: another cluster runs on this machine. End it first.`);
}

/**
 * Starts a cluster by the script kube.sh, with everything it writes inside `folder`, and waits until its node is ready. Needs root
 * and Debian's etcd-server; the daemon behind `dockerSocket` was started with `dockerdOptionsFor` and holds `pauseImage`.
 */
export async function startKubernetes(
  script: string,
  folder: string,
  dockerSocket: string,
): Promise<KubernetesCluster> {
  const stop = async (): Promise<void> => {
    const processes = await processesOf(folder);
    await execute('bash', [script, 'down', folder]);
    await waitUntil('the cluster has ended', () => processes.every(hasEnded), { timeoutMs: 30_000, intervalMs: 50 });
    for (const mount of await mountsBelow(folder)) await execute('umount', ['--', mount]);
  };
  await requireFreePort(16_443);
  try {
    const { stdout } = await execute('bash', [script, 'up', folder, dockerSocket]);
    const kubeconfig = stdout.trim();
    const server = /server: "([^"]+)"/.exec(await readFile(kubeconfig, 'utf8'))?.[1] ?? '';
    await waitUntil('the node is ready', async () => (await readyNodes(server)) === 1, {
      timeoutMs: 60_000,
      intervalMs: 200,
    });
    await warmUp(server);
    return { kubeconfig, stop };
  } catch (cause) {
    await stop();
    throw new Error(`The Kubernetes cluster did not start: see the logs in ${folder}/logs.`, { cause });
  }
}
