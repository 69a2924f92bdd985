import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readJson, StreamEvent } from '@countersign/protocol';
import { z } from 'zod';
import { type Cluster, kubectl } from '../ground/cluster.ts';
import { appCommand } from '../ground/sample-app.ts';
import type { Stage } from '../stage/stage.ts';
import { logGist, runGist, succeeded, summaryOf } from './answers.ts';
import type { Ground, ProvenOperation, Ready } from './part.ts';

const part = 'cluster';
const target = 'shop-cluster';

const deployment = (image: string) => ({
  ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'shop' } },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: 'shop' } },
    template: {
      metadata: { labels: { app: 'shop' } },
      spec: {
        terminationGracePeriodSeconds: 1,
        containers: [{ name: 'shop', image, imagePullPolicy: 'IfNotPresent', command: appCommand }],
      },
    },
  },
});

const Line = z.object({ event: StreamEvent });

function progressOf(lines: string): string[] {
  const told = lines
    .split('\n')
    .filter(Boolean)
    .map((line) => Line.parse(readJson(line)).event);
  return told.flatMap((event) => (event.type === 'progress' ? [event.message] : []));
}

async function play(stage: Stage, kubeconfig: string, namespace: string): Promise<ProvenOperation[]> {
  let opId = '';
  await stage.show({
    ...{ part, title: 'A deployment is scaled from 1 to 3' },
    words: ['do', 'k8s.scale_deployment', '--target', target, 'deployment=shop', 'replicas=3', '--yes'],
    read: (said) => {
      const view = succeeded(said);
      opId = view.op_id;
      const change = view.diffs.flatMap(({ patch }) =>
        (patch ?? '').split('\n').filter((line) => /^[-+][^-+]/.test(line)),
      );
      return [...change, runGist(stage, view)];
    },
  });
  await stage.show({
    ...{ part, title: 'How the rollout went, as it was followed' },
    words: ['logs', opId],
    read: (said) => {
      const progress = progressOf(said.stdout);
      if (progress.length === 0) throw new Error('no progress was told');
      return progress;
    },
  });
  const pods = await kubectl(kubeconfig, ['-n', namespace, 'get', 'pods', '-o', 'name'], stage.signal);
  const [pod = ''] = pods.split('\n').map((name) => name.replace('pod/', ''));
  await stage.show({
    ...{ part, title: 'The log of one of its pods' },
    words: ['do', 'k8s.pod_logs', '--target', target, `pod=${pod}`, 'tail=80'],
    read: (said) => logGist(summaryOf(said)),
  });
  return [{ part, what: 'scaling of shop', opId }];
}

/** A deployment with one pod, in a namespace of its own. */
export async function clusterPart(cluster: Cluster, image: string, ground: Ground): Promise<Ready> {
  const { kubeconfig, own, version } = cluster;
  const { id, folder, cleanup, signal } = ground;
  const namespace = `countersign-demo-${id}`;
  cleanup.add(`namespace ${namespace}`, async () => {
    await kubectl(kubeconfig, [
      'delete',
      'namespace',
      namespace,
      '--ignore-not-found',
      '--grace-period=1',
      '--wait=false',
    ]);
  });
  await kubectl(kubeconfig, ['create', 'namespace', namespace], signal);
  const file = join(folder, 'shop.json');
  writeFileSync(file, JSON.stringify(deployment(image)));
  await kubectl(kubeconfig, ['-n', namespace, 'apply', '-f', file], signal);
  await kubectl(kubeconfig, ['-n', namespace, 'rollout', 'status', 'deployment/shop', '--timeout=60s'], signal);
  return {
    found: `Kubernetes ${version} by ${kubeconfig}${own ? ', started for this' : ''}`,
    targets: [{ name: target, environment: 'dev', connector: 'k8s', config: { kubeconfig, namespace } }],
    play: (stage) => play(stage, kubeconfig, namespace),
  };
}
