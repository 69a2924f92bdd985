import {
  type AnyConnector,
  ConnectorError,
  type ConnectorPorts,
  defineConnector,
  type ParsedStep,
  type ReadResult,
  type WorkContext,
} from '@countersign/connector-kit';
import { DockerEndpoint } from '@countersign/transport';
import { changeOf } from './change/changes.ts';
import { type DockerClient, makeDockerClient } from './client.ts';
import { readLogs } from './logs/read-logs.ts';
import { actions } from './manifest/actions.ts';
import { inventory, listAction } from './manifest/list-action.ts';
import { logsAction } from './manifest/logs-action.ts';
import { eventsAction, inspectAction, statsAction } from './manifest/look-actions.ts';
import { observe } from './observe.ts';
import { plan } from './plan.ts';
import { readEvents } from './read/events.ts';
import { inspectContainer } from './read/inspect.ts';
import { listContainers } from './read/list.ts';
import { measureContainer } from './read/stats.ts';
import { readiness } from './readiness.ts';
import { replay } from './replay.ts';

type Read = (
  client: DockerClient,
  step: ParsedStep,
  context: WorkContext,
  now: ConnectorPorts['now'],
) => Promise<ReadResult>;

const reads = new Map<string, Read>([
  [listAction.name, listContainers],
  [logsAction.name, (client, step, context, now) => readLogs(client, step, now(), context)],
  [inspectAction.name, inspectContainer],
  [statsAction.name, measureContainer],
  [eventsAction.name, readEvents],
]);

/**
 * Containers of one Docker daemon: reads (`docker.list`, `logs`, `inspect`, `stats`, `events`) and changes
 * (`docker.restart_container`, `stop_container`, `start_container`, `set_resources`, `recreate_with_image` with
 * `keep_if_healthy`, `restore_container`). Config: `{socket?}`, `{tls}` or `{ssh}`, as `DockerEndpoint` says.
 */
export const dockerConnector: AnyConnector = defineConnector<DockerEndpoint>({
  name: 'docker',
  version: '0.2.0',
  config: DockerEndpoint,
  actions,
  inventory,
  connect(endpoint, { now }) {
    const client = makeDockerClient(endpoint);
    return {
      readiness: (signal) => readiness(client, now, signal),
      plan: async (steps, context) => await plan(client, steps, now(), context),
      observe: async (steps, context) => await observe(client, steps, context),
      before: async (step, guard, context) => await changeOf(step.action).before(client, step, guard, context),
      apply: async (step, kept, guard, context) =>
        await changeOf(step.action).apply(client, step, kept, guard, context),
      verify: async (step, kept, applied, context) =>
        await changeOf(step.action).verify(client, step, kept, applied, context),
      reconcile: async (step, intent, context) =>
        await changeOf(step.action).reconcile(client, step, intent, now, context),
      replay: async (subject) => replay(subject),
      read: async (step, context) => {
        const read = reads.get(step.action);
        if (read !== undefined) return await read(client, step, context, now);
        throw new ConnectorError('E_VALIDATION', `${step.action} is no read of this connector`, { effect: 'none' });
      },
      close: async () => client.close(),
    };
  },
});
