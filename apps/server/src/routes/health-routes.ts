import {
  type Caller,
  type EngineContext,
  listFreezes,
  listWorkers,
  panicIsOn,
  sees,
  targetReadiness,
  unsignedSince,
} from '@countersign/engine';
import {
  CodedError,
  type HealthView,
  type JsonObject,
  openApiDocument,
  worstReadiness as worst,
} from '@countersign/protocol';
import { ok } from '../http/handler.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { Handlers } from './handlers.ts';

async function databaseStatus(context: EngineContext): Promise<HealthView['status']> {
  try {
    await context.store.ping();
    return 'ready';
  } catch {
    return 'unavailable';
  }
}

const oldestUnsignedMs = 30_000;

/** The log works when what was appended is signed soon after. */
async function assertAuditWorks(context: EngineContext, startedAt: number): Promise<void> {
  const since = await unsignedSince(context, startedAt);
  if (since === null || context.clock.now() - since < oldestUnsignedMs) return;
  const latest = await context.store.read((reads) => reads.audit.latestCheckpoint());
  throw new CodedError('E_STORE', 'the audit log is not signed any more', {
    last_checkpoint_at: latest?.at ?? null,
    next: 'look for "a loop goes on" in the server log',
  });
}

async function exportHealth(context: EngineContext): Promise<HealthView['audit']['exports']> {
  const records = await context.store.read((reads) =>
    Promise.all(context.sinks.map(({ name }) => reads.exports.get(name))),
  );
  return context.sinks.map(({ name, kind }, index) => {
    const record = records[index] ?? null;
    return {
      sink: name,
      kind,
      status: record?.state === 'failing' ? ('degraded' as const) : ('ready' as const),
      tree_size: record?.treeSize ?? 0,
      exported_at: record?.exportedAt ?? null,
      message: record?.error ?? '',
    };
  });
}

function policyHealth({ decider, policies }: EngineContext): HealthView['policy'] {
  const [first, ...others] = policies.faults();
  if (first === undefined) return { version: decider.version, status: 'ready', message: '' };
  const place = `${first.file}${first.line === null ? '' : `:${first.line}`}`;
  const more = others.length === 0 ? '' : `, and ${others.length} more`;
  return { version: decider.version, status: 'degraded', message: `${place}: ${first.problem}${more}` };
}

async function connectorHealth(context: EngineContext, caller: Caller): Promise<HealthView['connectors']> {
  const visible = context.targets.filter((target) => sees(caller, target));
  const { workers, manifests } = await context.store.read(async (reads) => ({
    workers: await context.catalogue.workers(reads),
    manifests: await context.catalogue.manifests(reads),
  }));
  const readiness = targetReadiness(context, workers, visible);
  const names = [...new Set(visible.map((target) => target.connector))].sort();
  return names.map((connector) => {
    const manifest = manifests.find((announced) => announced.connector === connector);
    const targets = readiness
      .filter((target) => target.connector === connector)
      .map(({ target, status, message }) => ({ target, status, message }));
    const some = targets.some((target) => target.status === 'ready');
    const status = worst(targets.map((target) => target.status));
    return {
      connector,
      version: manifest?.version ?? '',
      status: status === 'unavailable' && some ? 'degraded' : status,
      targets,
    };
  });
}

/** Handlers of probes, health, metrics and the API's description. */
export function healthRoutes(
  context: EngineContext,
  metrics: Metrics,
): Pick<Handlers, 'livez' | 'readyz' | 'version' | 'metrics' | 'openapi' | 'health'> {
  const startedAt = context.clock.now();
  let described: JsonObject | null = null;
  return {
    livez: async () => ok({ status: 'ok' }),
    async readyz() {
      await context.store.ping();
      await assertAuditWorks(context, startedAt);
      await Promise.all([context.artifacts.ping(), context.bundles.ping()]);
      return ok({ status: 'ok' });
    },
    version: async () => ok({ version: context.settings.version }),
    async metrics({ reply }) {
      reply.header('content-type', metrics.contentType);
      return ok(await metrics.text());
    },
    async openapi() {
      // Written once, for whoever asks first: it holds up everybody else for a tenth of a second.
      described ??= openApiDocument(context.settings.version);
      return ok(described);
    },
    async health({ caller }) {
      const frozen = await listFreezes(context, caller);
      const database = await databaseStatus(context);
      const connectors = await connectorHealth(context, caller);
      const exports = await exportHealth(context);
      const policy = policyHealth(context);
      const { size, panic, reviewsOpen } = await context.store.read(async (reads) => ({
        size: await reads.audit.size(),
        panic: await panicIsOn(reads),
        reviewsOpen: await reads.breakGlass.countOpen(),
      }));
      const workers = await listWorkers(context, caller, true);
      const view: HealthView = {
        status:
          database === 'unavailable'
            ? 'unavailable'
            : worst(
                [...connectors, ...exports, policy].map(({ status }) =>
                  status === 'unavailable' ? 'degraded' : status,
                ),
              ),
        version: context.settings.version,
        installation: context.settings.installation,
        panic,
        policy,
        frozen: frozen.map(({ project, environment }) => `${project}/${environment}`),
        reviews_open: reviewsOpen,
        database: { dialect: context.store.dialect, status: database },
        audit: { tree_size: size.treeSize, unsequenced: size.unsequenced, exports },
        connectors,
        workers,
      };
      return ok(view);
    },
  };
}
