import { type AnyConnector, ConnectorError, defineConnector, type ParsedStep } from '@countersign/connector-kit';
import { makeKubernetesClient } from './client/kubernetes-client.ts';
import { KubernetesConfig } from './config.ts';
import { podLogsRead } from './logs/pod-logs.ts';
import { inventory } from './manifest/inventory.ts';
import { describeAction, eventsAction, listAction, podLogsAction } from './manifest/read-actions.ts';
import { readiness } from './readiness.ts';
import { describeRead } from './reads/describe.ts';
import { eventsRead } from './reads/events.ts';
import { listRead } from './reads/list.ts';
import { makeScope } from './resource/scope.ts';

function noChange({ action }: Pick<ParsedStep, 'action'>): ConnectorError {
  return new ConnectorError('E_VALIDATION', `${action} is no change of this connector`, { effect: 'none' });
}

/** Objects of one Kubernetes cluster. Config: `{kubeconfig | in_cluster, context?, namespace?, namespaces?}`. */
export const kubernetesConnector: AnyConnector = defineConnector<KubernetesConfig>({
  name: 'k8s',
  version: '0.1.0',
  config: KubernetesConfig,
  actions: [listAction, podLogsAction, eventsAction, describeAction],
  inventory,
  connect(config, { now }) {
    const client = makeKubernetesClient(config);
    const scope = makeScope(config, client);
    const refuse = async ([step]: readonly ParsedStep[]): Promise<never> => {
      throw noChange(step ?? { action: 'an empty list' });
    };
    return {
      readiness: (signal) => readiness(client, now, signal),
      plan: refuse,
      observe: refuse,
      before: (step) => refuse([step]),
      apply: (step) => refuse([step]),
      verify: (step) => refuse([step]),
      reconcile: (step) => refuse([step]),
      replay: () => refuse([]),
      read: async (step, context) => {
        if (step.action === listAction.name) return await listRead(client, scope, step, context);
        if (step.action === podLogsAction.name) return await podLogsRead(client, scope, step, now(), context);
        if (step.action === eventsAction.name) return await eventsRead(client, scope, step, now(), context);
        if (step.action === describeAction.name) return await describeRead(client, scope, step, context);
        throw new ConnectorError('E_VALIDATION', `${step.action} is no read of this connector`, { effect: 'none' });
      },
      close: async () => client.close(),
    };
  },
});
