import type { EngineContext } from '@countersign/engine';
import type { CheckpointExport } from '@countersign/kernel';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { StreamHub } from '../stream/stream-hub.ts';
import { registerStreamMetrics } from '../stream/stream-metrics.ts';
import { registerAuditMetrics } from './audit-metrics.ts';
import { registerModelMetrics } from './model-metrics.ts';
import { registerStandingMetrics } from './standing-metrics.ts';
import { registerVolumeMetrics } from './volume-metrics.ts';
import { registerWorkMetrics } from './work-metrics.ts';

/** Prometheus metrics of one server process. Labels hold names of routes, actions, states and the configuration only, never user data. */
export interface Metrics {
  readonly contentType: string;
  text(): Promise<string>;
  /** One answered request. */
  observeRequest(route: string, method: string, status: number, seconds: number): void;
}

/** Makes the metrics; gauges are read when they are scraped. */
export function createMetrics(context: EngineContext, streams: StreamHub): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'countersign_' });
  const requests = new Counter({
    name: 'countersign_http_requests_total',
    help: 'Answered HTTP requests',
    labelNames: ['route', 'method', 'status'],
    registers: [registry],
  });
  const durations = new Histogram({
    name: 'countersign_http_request_seconds',
    help: 'Time to answer',
    labelNames: ['route'],
    buckets: [0.001, 0.005, 0.025, 0.1, 0.5, 2, 10],
    registers: [registry],
  });
  new Gauge({
    name: 'countersign_audit_tree_size',
    help: 'Entries in the audit log',
    registers: [registry],
    async collect() {
      this.set((await context.store.read((reads) => reads.audit.size())).treeSize);
    },
  });
  new Gauge({
    name: 'countersign_policy_faults',
    help: 'What is wrong with the policy files; while it is not 0, those that were loaded before them decide',
    registers: [registry],
    collect() {
      this.set(context.policies.faults().length);
    },
  });
  new Gauge({
    name: 'countersign_break_glass_unreviewed',
    help: 'Operations for which the glass was broken and that nobody has reviewed',
    registers: [registry],
    async collect() {
      this.set(await context.store.read((reads) => reads.breakGlass.countOpen()));
    },
  });
  registerAuditMetrics(registry, context);
  registerModelMetrics(registry, context);
  registerStreamMetrics(registry, streams);
  const volume = registerVolumeMetrics(registry, context);
  const work = registerWorkMetrics(registry, context);
  const standing = registerStandingMetrics(registry, context);
  const exported = (name: string, help: string, figure: (record: CheckpointExport | null) => number): Gauge =>
    new Gauge({
      name,
      help,
      labelNames: ['sink', 'kind'],
      registers: [registry],
      async collect() {
        this.reset();
        for (const { name: sink, kind } of context.sinks)
          this.set({ sink, kind }, figure(await context.store.read((reads) => reads.exports.get(sink))));
      },
    });
  exported(
    'countersign_checkpoint_export_tree_size',
    'Entries of the audit log that the newest exported checkpoint covers',
    (record) => record?.treeSize ?? 0,
  );
  exported(
    'countersign_checkpoint_export_failures',
    'Failed exports since the last that succeeded',
    (record) => record?.failures ?? 0,
  );
  // Finding a series by its labels costs more than counting; routes, methods and states bound how many there are.
  const series = new Map<string, { count: Counter.Internal; duration: Histogram.Internal<'route'> }>();
  return {
    contentType: registry.contentType,
    async text() {
      await volume.refresh();
      work.begin(await standing.refresh());
      return await registry.metrics();
    },
    observeRequest(route, method, status, seconds) {
      const name = `${route} ${method} ${status}`;
      const known = series.get(name) ?? {
        count: requests.labels({ route, method, status: String(status) }),
        duration: durations.labels({ route }),
      };
      series.set(name, known);
      known.count.inc();
      known.duration.observe(seconds);
    },
  };
}
