import { type EngineContext, unsignedSince } from '@countersign/engine';
import type { Webhook } from '@countersign/kernel';
import { auditEvents } from '@countersign/protocol';
import { Counter, Gauge, type Registry } from 'prom-client';

/** Metrics of the audit and of what goes out from it: what alert rules look at. */
export function registerAuditMetrics(registry: Registry, context: EngineContext): void {
  new Counter({
    name: 'countersign_audit_events_total',
    help: 'Audit entries that this process appended',
    labelNames: ['event', 'outcome'],
    registers: [registry],
    collect() {
      this.reset();
      // Each series stands from the start: an alert on an increase needs the zero before the first.
      for (const event of Object.keys(auditEvents))
        for (const outcome of ['ok', 'refused', 'failed']) this.inc({ event, outcome }, 0);
      for (const { event, outcome, count } of context.auditCounts.list()) this.inc({ event, outcome }, count);
    },
  });
  const startedAt = context.clock.now();
  new Gauge({
    name: 'countersign_audit_unsigned_seconds',
    help: 'Age of the oldest audit entry that no signed checkpoint covers; 0 when all are covered',
    registers: [registry],
    async collect() {
      const since = await unsignedSince(context, startedAt);
      this.set(since === null ? 0 : Math.max(0, context.clock.now() - since) / 1000);
    },
  });
  const webhook = (name: string, help: string, figure: (standing: Webhook | null, treeSize: number) => number): Gauge =>
    new Gauge({
      name,
      help,
      labelNames: ['webhook'],
      registers: [registry],
      async collect() {
        this.reset();
        for (const each of context.webhooks) {
          const { standing, size } = await context.store.read(async (reads) => ({
            standing: await reads.webhooks.get(each.name),
            size: await reads.audit.size(),
          }));
          this.set({ webhook: each.name }, figure(standing, size.treeSize));
        }
      },
    });
  webhook('countersign_webhook_failing', 'Whether a webhook does not take events now', (standing) =>
    standing?.state === 'failing' ? 1 : 0,
  );
  webhook(
    'countersign_webhook_attempts',
    'Failed attempts at the event that comes next',
    (standing) => standing?.attempts ?? 0,
  );
  new Gauge({
    name: 'countersign_webhook_dead_letters',
    help: 'Events that a webhook did not take in all its attempts',
    labelNames: ['webhook'],
    registers: [registry],
    async collect() {
      this.reset();
      for (const { name } of context.webhooks)
        this.set({ webhook: name }, await context.store.read((reads) => reads.webhooks.countLetters(name)));
    },
  });
}
