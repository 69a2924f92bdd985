import type { EngineContext } from '@countersign/engine';
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
      // Each event stands from the start: an alert on an increase needs the zero before the first.
      for (const event of Object.keys(auditEvents)) this.inc({ event, outcome: 'ok' }, 0);
      for (const outcome of ['refused', 'failed']) for (const event of alerting) this.inc({ event, outcome }, 0);
      for (const { event, outcome, count } of context.auditCounts.list()) this.inc({ event, outcome }, count);
    },
  });
  new Gauge({
    name: 'countersign_audit_unsigned_entries',
    help: 'Entries of the audit log that no signed checkpoint covers yet',
    registers: [registry],
    async collect() {
      const { size, latest } = await context.store.read(async (reads) => ({
        size: await reads.audit.size(),
        latest: await reads.audit.latestCheckpoint(),
      }));
      this.set(size.treeSize + size.unsequenced - (latest?.treeSize ?? 0));
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

/** Events whose refusals and failures alert rules count. */
const alerting = ['auth.refused', 'access.refused', 'operation.denied', 'webhook.gave_up', 'checkpoint.export_failing'];
