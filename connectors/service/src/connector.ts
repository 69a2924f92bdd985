import { type AnyConnector, ConnectorError, defineConnector } from '@countersign/connector-kit';
import { execAt } from '@countersign/transport';
import { apply, before } from './change/apply.ts';
import { observe } from './change/observe.ts';
import { plan } from './change/plan.ts';
import { reconcile } from './change/reconcile.ts';
import { replay } from './change/replay.ts';
import { verify } from './change/verify.ts';
import { ServiceConfig } from './config.ts';
import { openDriver } from './driver/open-driver.ts';
import { Host } from './host/host.ts';
import { ownProcesses } from './host/own-processes.ts';
import { actions, inventory, listAction, logsAction, statusAction } from './manifest.ts';
import { listServices } from './read/list-services.ts';
import { readLogs } from './read/read-logs.ts';
import { showStatus } from './read/show-status.ts';
import { readiness } from './readiness.ts';

/**
 * Services of one host, kept by systemd, supervisord or init scripts: `service.list`, `service.status`, `service.logs`,
 * `service.restart`, `service.start`, `service.stop`. Config: `{place?, driver?, supervisor_config?, pid_files?, log_files?}`.
 */
export const serviceConnector: AnyConnector = defineConnector<ServiceConfig>({
  name: 'service',
  version: '0.1.0',
  config: ServiceConfig,
  actions,
  inventory,
  connect(config, { exec, now }) {
    const placed = execAt(config.place, exec);
    const host = new Host(placed, () => placed.close());
    const ownHere = async () => (config.place.kind === 'local' ? await ownProcesses() : new Set<number>());
    const driver = openDriver(host, config);
    return {
      readiness: (signal) => readiness(driver, now, signal),
      plan: async (steps, context) => await plan(host, await driver(context.signal), steps, await ownHere(), context),
      observe: async (steps, context) => await observe(host, await driver(context.signal), steps, context.signal),
      before: async (step, guard, context) => await before(await driver(context.signal), step, guard, context),
      apply: async (step, kept, guard, context) =>
        await apply(await driver(context.signal), step, kept, guard, context),
      verify: async (step, kept, applied, context) =>
        await verify(host, await driver(context.signal), step, kept, applied, context),
      reconcile: async (step, intent, context) =>
        await reconcile(await driver(context.signal), step, intent, now(), context),
      replay: async (subject) => replay(subject),
      read: async (step, context) => {
        const found = await driver(context.signal);
        if (step.action === listAction.name) return await listServices(found, step, context);
        if (step.action === statusAction.name) return await showStatus(host, found, step, context);
        if (step.action === logsAction.name) return await readLogs(host, found, step, now(), context);
        throw new ConnectorError('E_VALIDATION', `${step.action} is no read of this connector`, { effect: 'none' });
      },
      close: async () => host.close(),
    };
  },
});
