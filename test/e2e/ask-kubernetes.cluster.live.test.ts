import { OperationView, PlanPromptView } from '@countersign/protocol';
import { type CountersignResult, makeTempFolder, runCountersign, testKubeconfig } from '@countersign/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  createNamespace,
  deploymentOf,
  makeDeployment,
  makePod,
  podSpec,
  removeNamespace,
} from '../../connectors/kubernetes/src/live/cluster.ts';
import { verified } from './harness/bundle.ts';
import { type Stage, withPeople } from './harness/describe-server.ts';
import { anchored } from './harness/flow.ts';
import { openServer } from './harness/open-server.ts';

let stage: Stage;
let namespace = '';
beforeAll(async () => {
  namespace = await createNamespace();
  await makeDeployment(namespace, 'web', 0);
  await makePod(namespace, 'talker', podSpec('echo hello; sleep 600'));
  const config = { kubeconfig: testKubeconfig(), namespace };
  const cluster = { name: 'cluster', project: 'shop', environment: 'stage', connector: 'k8s', config };
  stage = await withPeople(await openServer('sqlite', { targets: [cluster] }));
});
afterAll(async () => {
  await stage.close();
  await removeNamespace(namespace);
});

async function ask(sentence: string, ...options: string[]): Promise<CountersignResult & { said: unknown[] }> {
  using folder = makeTempFolder();
  const { url, alice } = stage;
  const env = { COUNTERSIGN_SERVER: url, COUNTERSIGN_TOKEN: alice.token, COUNTERSIGN_DATA_DIR: folder.path };
  const result = await runCountersign(['ask', sentence, '--json', '--no-input', ...options], { env, cwd: folder.path });
  const said = result.stdout.split('\n').filter(Boolean);
  return { ...result, said: said.map((line): unknown => JSON.parse(line)) };
}

it('a deployment is scaled by a sentence: planned, confirmed, rolled out and sealed (DO-9, DO-13, DO-16)', async () => {
  const done = await ask('scale web to 2 in stage', '--yes');
  expect(done.code, done.stderr).toBe(0);
  const view = OperationView.parse(done.said[1]);
  expect(view).toMatchObject({
    status: 'succeeded',
    steps: [{ action: 'k8s.scale_deployment', inputs: { deployment: 'web', replicas: 2 } }],
    approvals: [{ kind: 'confirm', principal: 'alice' }],
  });
  expect((await deploymentOf(namespace, 'web')).status.availableReplicas).toBe(2);
  await anchored(stage.alice.client, view.op_id);
  expect((await verified(stage.alice.client, view.bundle_id)).state).toBe('pass');
});

const action = async (sentence: string) => {
  const body = { prompt: sentence };
  const { plan } = PlanPromptView.parse(await stage.alice.client.call('planPrompt', { body }));
  return plan.actions.length === 0 ? plan : plan.actions.map(({ action: name, params }) => [name, params]);
};

it.each([
  ['restart the web deployment', 'k8s.rollout_restart', { deployment: 'web' }],
  ['reinicia el deployment web', 'k8s.rollout_restart', { deployment: 'web' }],
  ['escala web a 3', 'k8s.scale_deployment', { deployment: 'web', replicas: 3 }],
  ['scale the web deployment to 3 replicas', 'k8s.scale_deployment', { deployment: 'web', replicas: 3 }],
  [
    'scale web to 1 in namespace "default"',
    'k8s.scale_deployment',
    { deployment: 'web', replicas: 1, namespace: 'default' },
  ],
  ['roll back web', 'k8s.rollback', { deployment: 'web' }],
  ['show the last 20 lines of the log of pod talker', 'k8s.pod_logs', { pod: 'talker', tail: 20 }],
  ['follow talker', 'k8s.pod_logs', { pod: 'talker', follow: true }],
  ['list pods', 'k8s.list', { kind: 'pod' }],
  ['que despliegues hay', 'k8s.list', { kind: 'deployment' }],
  ['show kubernetes events', 'k8s.events', {}],
])('reads "%s" (DO-13)', async (sentence, name, inputs) => {
  expect(await action(sentence)).toEqual([[name, inputs]]);
});
