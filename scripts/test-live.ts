import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
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
const cluster = existsSync(kube);
const docker = await startDockerd(folder, cluster ? await dockerdOptionsFor(kube, join(folder, 'kube')) : []);
try {
  const env = { COUNTERSIGN_TEST_DOCKER_SOCKET: docker.socketPath };
  console.log(`dockerd runs; made the image ${await makeBusyboxImage(docker.socketPath, cluster ? [pauseImage] : [])}`);
  const archive = join(repositoryRoot, '.cache/debian/services.tar');
  console.log(`made the image ${await importDebianImage(docker.socketPath, archive)}`);
  process.exitCode = cluster ? await runWithCluster(env) : await runTests('live', args, env);
} finally {
  await docker.stop();
}
if (!cluster) {
  console.log(
    `DID NOT RUN: ${minimumOf('cluster')} tests of a Kubernetes cluster, because there is no ${kube} (COUNTERSIGN_KUBE names its folder).`,
  );
}

async function runWithCluster(env: Readonly<Record<string, string>>): Promise<number> {
  const kubernetes = await startKubernetes(kube, join(folder ?? '', 'kube'), docker.socketPath);
  try {
    console.log(`a Kubernetes cluster runs: ${kubernetes.kubeconfig}`);
    const all = { ...env, KUBECONFIG: kubernetes.kubeconfig };
    // A filter may fit one project only, so both run in one go.
    if (args.length > 0) return await runTests('live', ['--project', 'cluster', ...args], all);
    const ofCluster = await runTests('cluster', [], all);
    return (await runTests('live', [], all)) || ofCluster;
  } finally {
    await kubernetes.stop();
  }
}
