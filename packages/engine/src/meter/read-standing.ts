import type { JobKind, Reads } from '@countersign/kernel';
import { type OperationState, type Readiness, type RunState, versionSkew } from '@countersign/protocol';
import type { EngineContext } from '../context/context.ts';
import { panicIsOn } from '../setting/panic.ts';
import { targetReadiness } from '../target/target-readiness.ts';
import { elapsedMs } from './work-meter.ts';

/** So many of something, and how long the oldest has been so, in milliseconds. */
interface Waiting {
  readonly count: number;
  readonly oldestMs: number;
}

/** How the installation stands now; every server of it says the same. */
export interface Standing {
  readonly panic: boolean;
  readonly jobs: readonly (Waiting & { kind: JobKind; connector: string; target: string })[];
  readonly runs: readonly (Waiting & { state: RunState; connector: string })[];
  readonly operations: readonly (Waiting & { state: OperationState })[];
  readonly locks: readonly (Waiting & { connector: string })[];
  readonly targets: readonly { target: string; connector: string; status: Readiness }[];
  readonly workers: readonly { worker: string; live: boolean; skewed: boolean; silentMs: number }[];
  /** Placed entries of the log that a webhook has not been told of. */
  readonly webhooks: readonly { webhook: string; behind: number }[];
  /** What can be done now, by the manifests. */
  readonly actions: readonly { connector: string; action: string; effect: 'read' | 'write' | 'destructive' }[];
}

/** Connectors by target; what waits for a target that was removed since has none. */
function connectors(context: EngineContext): (target: string) => string {
  const known = new Map(context.targets.map(({ name, connector }) => [name, connector]));
  return (target) => known.get(target) ?? 'none';
}

/** An agent's queue names a person behind the target: that part is no label. */
function targetOf(queue: string | null): string {
  return queue?.split('/', 1)[0] ?? 'none';
}

/** Those that are here, and those that have a credential and should be. */
async function workersNow(context: EngineContext, reads: Reads): Promise<Standing['workers']> {
  const now = context.clock.now();
  const joined = new Set(await reads.tokens.workersAt(now));
  return (await context.catalogue.known(reads)).flatMap(({ worker, version, lastSeenAt }) => {
    const silentMs = elapsedMs(lastSeenAt, now);
    const live = silentMs <= context.settings.workerSilenceMs;
    const skewed = versionSkew(version, context.settings.version) !== 'same';
    return live || joined.has(worker) ? [{ worker, live, skewed, silentMs }] : [];
  });
}

async function webhooksNow(context: EngineContext, reads: Reads): Promise<Standing['webhooks']> {
  const { treeSize } = await reads.audit.size();
  const found = context.webhooks.map(async ({ name: webhook }) => {
    const standing = await reads.webhooks.get(webhook);
    return { webhook, behind: standing === null ? 0 : Math.max(0, treeSize - standing.cursor) };
  });
  return await Promise.all(found);
}

/** Reads how the installation stands: one read, which costs as much as is open and not as much as ever was. */
export async function readStanding(context: EngineContext): Promise<Standing> {
  const now = context.clock.now();
  const connectorOf = connectors(context);
  return await context.store.read(async (reads) => ({
    panic: await panicIsOn(reads),
    jobs: (await reads.jobs.queues()).map(({ kind, queue, count, oldestAt }) => {
      const target = targetOf(queue);
      return { kind, target, connector: connectorOf(target), count, oldestMs: elapsedMs(oldestAt, now) };
    }),
    runs: (await reads.runs.open()).map(({ state, target, count, oldestAt }) => {
      return { state, connector: connectorOf(target), count, oldestMs: elapsedMs(oldestAt, now) };
    }),
    operations: (await reads.operations.open()).map(({ state, count, oldestAt }) => {
      return { state, count, oldestMs: elapsedMs(oldestAt, now) };
    }),
    locks: (await reads.locks.all()).map(({ target, acquiredAt }) => {
      return { connector: connectorOf(target), count: 1, oldestMs: elapsedMs(acquiredAt, now) };
    }),
    targets: targetReadiness(context, await context.catalogue.workers(reads), context.targets),
    workers: await workersNow(context, reads),
    webhooks: await webhooksNow(context, reads),
    actions: (await context.catalogue.manifests(reads)).flatMap(({ connector, actions }) =>
      actions.map(({ name: action, effect }) => ({ connector, action, effect })),
    ),
  }));
}
