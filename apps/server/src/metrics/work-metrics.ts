import type { EngineContext, WorkFact } from '@countersign/engine';
import type { Registry } from 'prom-client';
import { workCounters, workTimes } from './work-series.ts';

const seconds = (milliseconds: number): number => milliseconds / 1000;

/** Metrics of what this process did: take the sum over the servers. */
export interface WorkMetrics {
  /** Each action has its series from here on: an alert on an increase needs the zero before the first. */
  begin(actions: readonly { connector: string; action: string; effect: string }[]): void;
}

/** Registers them; they are counted as facts become durable. */
export function registerWorkMetrics(registry: Registry, { workMeter }: EngineContext): WorkMetrics {
  const count = workCounters(registry);
  const time = workTimes(registry);
  for (const outcome of ['committed', 'failed']) count.transactions.inc({ outcome }, 0);
  for (const what of ['stream', 'artifact']) count.truncated.inc({ what }, 0);
  for (const kind of ['plan', 'run', 'read', 'reconcile', 'seal', 'generate'])
    for (const why of ['expired', 'restarted'])
      for (const given_up of ['true', 'false']) count.takeBacks.inc({ kind, why, given_up }, 0);
  workMeter.observe((fact) => note(fact, count, time));
  const begun = new Set<string>();
  return {
    begin(actions) {
      for (const { connector, action, effect } of actions) {
        const name = `${connector} ${action}`;
        if (begun.has(name)) continue;
        begun.add(name);
        for (const kind of ['plan', 'run', 'read']) count.retries.inc({ kind, connector }, 0);
        const phases = effect === 'read' ? ['read'] : ['propose', 'plan'];
        for (const phase of phases) count.refused.inc({ connector, action, phase }, 0);
        const ends = effect === 'read' ? ['succeeded', 'failed'] : ['succeeded', 'failed', 'stale', 'cancelled'];
        for (const outcome of ends) count.runs.inc({ connector, action, effect, outcome }, 0);
        if (effect === 'read') continue;
        count.doubted.inc({ connector, action }, 0);
        for (const outcome of ['made', 'failed']) count.plans.inc({ connector, action, outcome }, 0);
      }
    },
  };
}

type Counts = ReturnType<typeof workCounters>;
type Times = ReturnType<typeof workTimes>;

function note(fact: WorkFact, count: Counts, time: Times): void {
  switch (fact.fact) {
    case 'claimed': {
      const { kind, connector, waitedMs } = fact;
      if (waitedMs === null) count.retries.inc({ kind, connector });
      else time.wait.observe({ kind, connector }, seconds(waitedMs));
      break;
    }
    case 'taken_back':
      count.takeBacks.inc({ kind: fact.kind, why: fact.why, given_up: String(fact.givenUp) });
      break;
    case 'planned': {
      const { connector, action, outcome, tookMs } = fact;
      count.plans.inc({ connector, action, outcome });
      time.plan.observe({ connector }, seconds(tookMs));
      break;
    }
    case 'refused':
      count.refused.inc({ connector: fact.connector, action: fact.action, phase: fact.phase });
      break;
    case 'decided':
      time.decision.observe({ connector: fact.connector }, seconds(fact.tookMs));
      break;
    case 'doubted':
      count.doubted.inc({ connector: fact.connector, action: fact.action });
      break;
    case 'ended': {
      const { connector, action, effect, outcome, tookMs } = fact;
      count.runs.inc({ connector, action, effect, outcome });
      if (tookMs !== null) time.run.observe({ connector, action }, seconds(tookMs));
      break;
    }
    case 'step_ended': {
      const { connector, action, outcome, tookMs } = fact;
      count.steps.inc({ connector, action, outcome });
      if (tookMs !== null) time.step.observe({ connector, action }, seconds(tookMs));
      break;
    }
    case 'said':
      count.said.inc(fact.events);
      count.truncated.inc({ what: 'stream' }, fact.truncated);
      break;
    case 'kept':
      count.truncated.inc({ what: 'artifact' }, fact.truncated ? 1 : 0);
      break;
    case 'transacted':
      count.transactions.inc({ outcome: fact.outcome });
      count.units.inc(fact.units);
      count.databaseRetries.inc(fact.retries);
      time.transaction.observe(seconds(fact.durationMs));
      break;
  }
}
