import { type AnyConnector, ConnectorError, defineConnector, Programs } from '@countersign/connector-kit';
import { execAt } from '@countersign/transport';
import { apply, before } from './change/apply.ts';
import { observe } from './change/observe.ts';
import { plan } from './change/plan.ts';
import { reconcile } from './change/reconcile.ts';
import { replay } from './change/replay.ts';
import { verify } from './change/verify.ts';
import { JvmConfig } from './config.ts';
import { Jcmd } from './jcmd/jcmd.ts';
import { actions, heapInfoAction, inventory, listAction, statusAction, threadDumpAction } from './manifest.ts';
import { dumpThreads, listJvms, showHeap, showStatus } from './read/reads.ts';
import { readiness } from './readiness.ts';

/**
 * JVMs of one host or container, by the JDK's `jcmd`: `jvm.list`, `jvm.status`, `jvm.thread_dump`, `jvm.heap_info`, `jvm.gc`.
 * Config: `{place?, jcmd?}`.
 */
export const jvmConnector: AnyConnector = defineConnector<JvmConfig>({
  name: 'jvm',
  version: '0.1.0',
  config: JvmConfig,
  actions,
  inventory,
  connect(config, { exec, now }) {
    const placed = execAt(config.place, exec);
    const programs = new Programs(placed, () => placed.close());
    const jcmd = new Jcmd(programs, config.jcmd);
    // A JVM is told by pid and beginning; the place only says where.
    const identity = `jvm:${placed.where}`;
    return {
      readiness: (signal) => readiness(jcmd, now, signal),
      plan: async (steps, context) => await plan(jcmd, identity, steps, now(), context),
      observe: async (steps, context) => await observe(jcmd, identity, steps, context.signal),
      before: async (step, guard, context) => await before(jcmd, step, guard, context),
      apply: async (step, kept, guard, context) => await apply(jcmd, step, kept, guard, context),
      verify: async (_step, kept, applied, context) => await verify(jcmd, kept, applied, context),
      reconcile: async (_step, intent, context) => await reconcile(jcmd, intent, now(), context),
      replay: async (subject) => replay(subject),
      read: async (step, context) => {
        if (step.action === listAction.name) return await listJvms(jcmd, step, context);
        if (step.action === statusAction.name) return await showStatus(jcmd, step, now(), context);
        if (step.action === heapInfoAction.name) return await showHeap(jcmd, step, context);
        if (step.action === threadDumpAction.name) return await dumpThreads(jcmd, step, context);
        throw new ConnectorError('E_VALIDATION', `${step.action} is no read of this connector`, { effect: 'none' });
      },
      close: async () => await programs.close(),
    };
  },
});
