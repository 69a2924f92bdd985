import { errorCodes, OperationView } from '@countersign/protocol';
import { z } from 'zod';
import { type Daemon, docker } from '../ground/docker-daemon.ts';
import { environments, startContainers } from '../ground/sample-app.ts';
import type { Stage } from '../stage/stage.ts';
import { logGist, planGist, runGist, succeeded, summaryOf } from './answers.ts';
import type { Ground, ProvenOperation, Ready } from './part.ts';

const part = 'docker';
const restart = (environment: string, container: string) => [
  ...['docker.restart_container', '--target', `shop-${environment}`, `container=${container}`],
  'stop_timeout_seconds=2',
];
type Names = Awaited<ReturnType<typeof startContainers>>;

async function restartInStage(stage: Stage, container: string): Promise<ProvenOperation> {
  let opId = '';
  await stage.show({
    ...{ part, title: 'A restart in stage is planned; policy wants a confirmation' },
    words: ['plan', ...restart('stage', container)],
    read: (said) => {
      const view = said.parse(OperationView);
      opId = view.op_id;
      if (view.verdict?.decision !== 'needs') throw new Error(`the verdict is ${view.verdict?.decision}, not needs`);
      return planGist(stage, view);
    },
  });
  await stage.show({
    ...{ part, title: 'Its requester confirms exactly this plan' },
    words: ['confirm', opId, '--yes'],
    read: (said) => {
      const view = said.parse(OperationView);
      if (view.verdict?.decision !== 'allow') throw new Error('the confirmation was not enough');
      return [
        `confirmed by ${view.approvals.map(({ principal }) => principal).join(', ')}; verdict ${view.verdict.decision}`,
      ];
    },
  });
  await stage.show({
    ...{ part, title: 'It runs once, and is read back' },
    words: ['start', opId, '--yes'],
    read: (said) => [runGist(stage, succeeded(said))],
  });
  return { part, what: `restart of ${container}`, opId };
}

async function deniedInProd(stage: Stage, socket: string, container: string): Promise<void> {
  const startedAt = () => docker(socket, ['inspect', '--format', '{{.State.StartedAt}}', container], stage.signal);
  const before = await startedAt();
  await stage.show({
    ...{ part, title: 'The same restart in prod is denied by policy' },
    words: ['do', ...restart('prod', container), '--yes'],
    exit: errorCodes.E_POLICY_DENIED.exit,
    read: async (said) => {
      const untouched = (await startedAt()) === before;
      if (!untouched) throw new Error(`${container} was restarted though policy denied it`);
      const [refusal = ''] = said.stderr.trim().split('\n');
      return [stage.teller.colors.red(refusal), `${container} runs on as it was`];
    },
  });
  await stage.show({
    ...{ part, title: 'The policy says why' },
    words: ['policy', 'explain', 'docker.restart_container', '--target', 'shop-prod'],
    read: (said) => said.parse(z.object({ explanation: z.string() })).explanation.split('\n'),
  });
}

/** Logs in dev, a confirmed restart in stage, a denied one in prod. */
async function play(stage: Stage, socket: string, names: Names): Promise<ProvenOperation[]> {
  await stage.show({
    ...{ part, title: "The app's log in dev, summed up" },
    words: ['do', 'docker.logs', '--target', 'shop-dev', `container=${names.dev}`, 'tail=80'],
    read: (said) => logGist(summaryOf(said)),
  });
  const restarted = await restartInStage(stage, names.stage);
  await deniedInProd(stage, socket, names.prod);
  return [restarted];
}

/** Three containers of the sample app. One daemon stands for three hosts here: elsewhere each environment has its own. */
export async function dockerPart(daemon: Daemon, image: string, ground: Ground): Promise<Ready> {
  const { socket, own, version } = daemon;
  const names = await startContainers(socket, image, ground);
  return {
    found: `Docker ${version} at ${socket}${own ? ', started for this' : ''}`,
    targets: environments.map((environment) => ({
      ...{ name: `shop-${environment}`, environment, connector: 'docker', config: { socket } },
    })),
    play: (stage) => play(stage, socket, names),
  };
}
