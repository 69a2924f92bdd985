import { type AnyConnector, ConnectorError, defineConnector, type ParsedStep } from '@countersign/connector-kit';
import { apply, before, reconcile, verify } from './change/change-steps.ts';
import { observe } from './change/observe.ts';
import { plan } from './change/plan.ts';
import { replay } from './change/replay.ts';
import { makeKubernetesClient } from './client/kubernetes-client.ts';
import { KubernetesConfig } from './config.ts';
import { isDeploymentStep } from './deployment/deployment-inputs.ts';
import { podLogsRead } from './logs/pod-logs.ts';
import { inventory } from './manifest/inventory.ts';
import { describeAction, eventsAction, listAction, podLogsAction } from './manifest/read-actions.ts';
import { applyAction, restartAction, rollbackAction, scaleAction, setImageAction } from './manifest/write-actions.ts';
import { readiness } from './readiness.ts';
import { describeRead } from './reads/describe.ts';
import { eventsRead } from './reads/events.ts';
import { listRead } from './reads/list.ts';
import { makeScope } from './resource/scope.ts';

function requireChanges(steps: readonly ParsedStep[]): void {
  const other = steps.find((step) => !isDeploymentStep(step) && step.action !== applyAction.name);
  if (other === undefined) return;
  throw new ConnectorError('E_VALIDATION', `${other.action} is no action of this connector that can be planned`, {
    effect: 'none',
  });
}

/** Objects of one Kubernetes cluster. Config: `{kubeconfig | in_cluster, context?, namespace?, namespaces?}`. */
export const kubernetesConnector: AnyConnector = defineConnector<KubernetesConfig>({
  name: 'k8s',
  version: '0.1.0',
  config: KubernetesConfig,
  actions: [
    ...[listAction, podLogsAction, eventsAction, describeAction],
    ...[scaleAction, restartAction, setImageAction, rollbackAction, applyAction],
  ],
  inventory,
  connect(config, { now }) {
    const client = makeKubernetesClient(config);
    const scope = makeScope(config, client);
    return {
      readiness: (signal) => readiness(client, now, signal),
      plan: async (steps, context) => {
        requireChanges(steps);
        return await plan(client, scope, steps, context);
      },
      observe: async (steps, context) => {
        requireChanges(steps);
        return await observe(client, scope, steps, context);
      },
      before: (step, guard, context) => before(client, scope, step, guard, context),
      apply: (step, _kept, guard, context) => apply(client, scope, step, guard, now(), context),
      verify: (step, _kept, applied, context) => verify(client, scope, step, applied, context),
      reconcile: (step, intent, context) => reconcile(client, scope, step, intent, now(), context),
      replay: async (subject) => replay(subject),
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
