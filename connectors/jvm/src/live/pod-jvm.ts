import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { debianImage, makeTempFolder, testKubeconfig, waitUntil } from '@countersign/testing';
import { compiled, countAt, type Jdk, type LiveJvm, neededBy } from './jvms.ts';

const execute = promisify(execFile);

/** A JVM in a pod, with the JDK of this machine mounted there. */
export interface PodJvm extends LiveJvm {
  readonly namespace: string;
  readonly pod: string;
}

const podOf = (name: string, java: readonly string[], folders: readonly string[]) => ({
  ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name } },
  spec: {
    terminationGracePeriodSeconds: 1,
    containers: [
      // The container of the JVM is told by name: the first is another one.
      { name: 'beside', image: debianImage, imagePullPolicy: 'Never', command: ['sleep', 'infinity'] },
      {
        ...{ name: 'jvm', image: debianImage, imagePullPolicy: 'Never', command: java },
        volumeMounts: folders.map((path, index) => ({ name: `folder-${index}`, mountPath: path, readOnly: true })),
      },
    ],
    volumes: folders.map((path, index) => ({ name: `folder-${index}`, hostPath: { path } })),
  },
});

/** Starts a JVM in a pod, in a namespace of its own. */
export async function startPodJvm(jdk: Jdk): Promise<PodJvm> {
  const folder = makeTempFolder();
  const name = `Deadlock${randomUUID().slice(0, 8)}`;
  await compiled(jdk, folder.path, name);
  const namespace = `countersign-${randomUUID().slice(0, 8)}`;
  const pod = 'checkout';
  const kubectl = async (...args: readonly string[]) =>
    (await execute('kubectl', [`--kubeconfig=${testKubeconfig()}`, '-n', namespace, ...args])).stdout;
  await kubectl('create', 'namespace', namespace);
  const file = join(folder.path, 'pod.json');
  const java = [join(jdk.home, 'bin/java'), '-Xmx32m', '-cp', folder.path, name, 'password=hunter2'];
  await writeFile(file, JSON.stringify(podOf(pod, java, neededBy(folder.path))));
  await kubectl('apply', '-f', file);
  const isReady = async () => (await kubectl('logs', pod, '-c', 'jvm')).includes('ready');
  await waitUntil(`${name} is ready`, isReady, { timeoutMs: 180_000, intervalMs: 500 });
  const jcmd = join(jdk.home, 'bin/jcmd');
  const run = (...command: readonly string[]) => kubectl('exec', pod, '-c', 'jvm', '--', ...command);
  const pid = Number(new RegExp(`^(\\d+) ${name}`, 'm').exec(await run(jcmd, '-l'))?.[1] ?? 0);
  return {
    ...{ name, pid, namespace, pod },
    collections: () => countAt(run, jcmd, pid),
    [Symbol.asyncDispose]: async () => {
      await kubectl('delete', 'namespace', namespace, '--grace-period=1', '--wait=false');
      folder.remove();
    },
  };
}
