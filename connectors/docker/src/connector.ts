import { type AnyConnector, ConnectorError, defineConnector, type ParsedStep } from '@countersign/connector-kit';
import { DockerEndpoint } from '@countersign/transport';
import { apply, before } from './apply.ts';
import { makeDockerClient } from './client.ts';
import { listContainers } from './list.ts';
import { readLogs } from './logs/read-logs.ts';
import { inventory, listAction, logsAction, restartAction } from './manifest.ts';
import { observe } from './observe.ts';
import { plan } from './plan.ts';
import { readiness } from './readiness.ts';
import { reconcile } from './reconcile.ts';
import { replay } from './replay.ts';
import { verify } from './verify.ts';

function requireRestart(steps: readonly ParsedStep[]): void {
  const other = steps.find(({ action }) => action !== restartAction.name);
  if (other === undefined) return;
  throw new ConnectorError('E_VALIDATION', `${other.action} is no action of this connector that can be planned`, {
    effect: 'none',
  });
}

/** Containers of one Docker daemon: `docker.list`, `docker.logs`, `docker.restart_container`. Config: `{socket?}`. */
export const dockerConnector: AnyConnector = defineConnector<DockerEndpoint>({
  name: 'docker',
  version: '0.1.0',
  config: DockerEndpoint,
  actions: [listAction, logsAction, restartAction],
  inventory,
  connect(endpoint, { now }) {
    const client = makeDockerClient(endpoint);
    return {
      readiness: (signal) => readiness(client, now, signal),
      plan: async (steps, context) => {
        requireRestart(steps);
        return await plan(client, steps, now(), context);
      },
      observe: async (steps, context) => {
        requireRestart(steps);
        return await observe(client, steps, context);
      },
      before: (step, guard, context) => before(client, step, guard, context),
      apply: (step, kept, guard, context) => apply(client, step, kept, guard, context),
      verify: (step, kept, applied, context) => verify(client, step, kept, applied, context),
      reconcile: (step, intent, context) => reconcile(client, step, intent, now(), context),
      replay: async (subject) => replay(subject),
      read: async (step, context) => {
        if (step.action === listAction.name) return await listContainers(client, step, context);
        if (step.action === logsAction.name) return await readLogs(client, step, now(), context);
        throw new ConnectorError('E_VALIDATION', `${step.action} is no read of this connector`, { effect: 'none' });
      },
      close: async () => client.close(),
    };
  },
});
