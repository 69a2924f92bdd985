import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  type Dockerd,
  dockerdOptionsFor,
  importDebianImage,
  makeBusyboxImage,
  pauseImage,
  startDockerd,
  startKubernetes,
} from '@countersign/testing';
import { repositoryRoot } from './repository-root.ts';
import { minimumOf } from './test/minimum.ts';
import { runTests } from './test/run-tests.ts';

const [folder, ...args] = process.argv.slice(2);
if (!folder) throw new Error('Give the folder for dockerd; "npm run test:live" does.');

/** Where the binaries of a cluster stand, beside the repository. */
const kube = resolve(repositoryRoot, process.env['COUNTERSIGN_KUBE'] ?? '../shared/kube', 'kube.sh');
const options = existsSync(kube) ? await dockerdOptionsFor(kube, join(folder, 'kube')) : null;

if (process.env['GKE_KUBECONFIG'] === undefined) {
  console.log('WILL NOT RUN: the test of a cluster of GKE, because GKE_KUBECONFIG names no kubeconfig.');
}

let started: Promise<Dockerd | null> = Promise.resolve(null);

if (options === null) {
  process.exitCode = await withDocker(join(folder, 'live'), [], (docker) =>
    runTests('live', args, environmentOf(docker)),
  );
  console.log(
    `DID NOT RUN: ${minimumOf('cluster')} tests of a Kubernetes cluster, because there is no ${kube} (COUNTERSIGN_KUBE names its folder).`,
  );
} else if (args.length > 0) {
  // A filter may fit one project only, so both run in one go.
  process.exitCode = await withCluster(folder, options, (env) =>
    runTests('live', ['--project', 'cluster', ...args], env),
  );
} else process.exitCode = await runBoth(folder, options);

/**
 * The tests of the cluster wait for pods most of the time, so the others run beside them, on a daemon of their own; what the former
 * say comes after the latter, in one piece.
 */
async function runBoth(folder: string, options: readonly string[]): Promise<number> {
  const log = join(folder, 'cluster.log');
  const ofCluster = withCluster(folder, options, (env) => runTests('cluster', [], env, log)).catch((cause: unknown) => {
    console.error(cause);
    return 1;
  });
  const ofLive = await withDocker(join(folder, 'live'), options, (docker) =>
    runTests('live', [], environmentOf(docker)),
  );
  const code = await ofCluster;
  if (existsSync(log)) process.stdout.write(readFileSync(log));
  return ofLive || code;
}

function environmentOf({ socketPath }: Dockerd): Record<string, string> {
  return { COUNTERSIGN_TEST_DOCKER_SOCKET: socketPath };
}

async function withDocker(
  folder: string,
  options: readonly string[],
  work: (docker: Dockerd) => Promise<number>,
  images: Parameters<typeof makeBusyboxImage>[1] = [],
): Promise<number> {
  // The first makes the bridge that all share, so they start one after the other.
  const starting = started.then(() => startDockerd(folder, options));
  started = starting;
  const docker = await starting;
  try {
    const { socketPath } = docker;
    console.log(`dockerd runs; made the image ${await makeBusyboxImage(socketPath, images)}`);
    const archive = join(repositoryRoot, '.cache/debian/services.tar');
    console.log(`made the image ${await importDebianImage(socketPath, archive)}`);
    return await work(docker);
  } finally {
    await docker.stop();
  }
}

async function withCluster(
  folder: string,
  options: readonly string[],
  work: (env: Readonly<Record<string, string>>) => Promise<number>,
): Promise<number> {
  const withPods = async (docker: Dockerd) => {
    const kubernetes = await startKubernetes(kube, join(folder, 'kube'), docker.socketPath);
    try {
      console.log(`a Kubernetes cluster runs: ${kubernetes.kubeconfig}`);
      return await work({ ...environmentOf(docker), KUBECONFIG: kubernetes.kubeconfig });
    } finally {
      await kubernetes.stop();
    }
  };
  return await withDocker(join(folder, 'pods'), options, withPods, [pauseImage]);
}
