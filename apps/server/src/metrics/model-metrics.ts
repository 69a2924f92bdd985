import type { EngineContext, PlannerStatus } from '@countersign/engine';
import { Counter, Histogram, type Registry } from 'prom-client';

const statuses: readonly PlannerStatus[] = ['planned', 'clarified', 'refused', 'failed'];

/** Metrics of planners and models (IP-9). Providers are labelled by their names in the configuration. */
export function registerModelMetrics(registry: Registry, { modelMeter, providers }: EngineContext): void {
  const planned = new Counter({
    name: 'countersign_planner_requests_total',
    help: 'Sentences that a planner got, by what it answered',
    labelNames: ['planner', 'status'],
    registers: [registry],
  });
  // Each series stands from the start: an alert on an increase needs the zero before the first.
  for (const planner of ['rules', 'model']) for (const status of statuses) planned.inc({ planner, status }, 0);
  const durations = new Histogram({
    name: 'countersign_planner_seconds',
    help: 'Time until a planner answered',
    labelNames: ['planner', 'status'],
    buckets: [0.005, 0.025, 0.1, 0.5, 1, 2, 5, 10, 30],
    registers: [registry],
  });
  const tokens = new Counter({
    name: 'countersign_model_tokens_total',
    help: 'Tokens sent to models and got from them, as their providers counted',
    labelNames: ['provider', 'direction'],
    registers: [registry],
  });
  for (const { name, type } of providers.all())
    if (type !== 'rules') for (const direction of ['in', 'out']) tokens.inc({ provider: name, direction }, 0);
  const refusals = new Counter({
    name: 'countersign_model_budget_refusals_total',
    help: 'Calls of models that were refused because the tokens of the minute were used up',
    registers: [registry],
  });
  modelMeter.observe({
    recordAiPlanner(planner, status, seconds) {
      planned.inc({ planner, status });
      durations.observe({ planner, status }, seconds);
    },
    recordAiTokens(provider, tokensIn, tokensOut) {
      tokens.inc({ provider, direction: 'in' }, tokensIn);
      tokens.inc({ provider, direction: 'out' }, tokensOut);
    },
    recordAiBudgetRefusal: () => refusals.inc(),
  });
}
