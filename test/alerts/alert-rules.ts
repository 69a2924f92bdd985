import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../../scripts/repository-root.ts';
import { metricsOf } from '../watch/dashboard-file.ts';

/** One alert rule as the file says it. */
export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly runbook: string;
}

export const rulesFile = join(repositoryRoot, 'deploy/alerts/countersign.rules.yaml');

const rulesText = readFileSync(rulesFile, 'utf8');

/** Names of what is recorded for alerts and dashboards. */
export const recordedNames: readonly string[] = [...rulesText.matchAll(/^ {6}- record: (.+)$/gm)].map(
  ([, name = '']) => name,
);

/** Every alert rule, in the order of the file. */
export const alertRules: readonly AlertRule[] = rulesText
  .split(/^ {6}- alert: /m)
  .slice(1)
  .map((text) => {
    const [alert = ''] = text.split('\n');
    const expr = /^ {8}expr: (.+)$/m.exec(text)?.[1];
    const runbook = /^ {10}runbook: (.+)$/m.exec(text)?.[1];
    if (expr === undefined || runbook === undefined) throw new Error(`the rule ${alert} lacks expr or runbook`);
    return { alert, expr, runbook };
  });

/** The metrics that the rules look at. */
export const alertedMetrics: readonly string[] = [...new Set(alertRules.flatMap(({ expr }) => metricsOf(expr)))];
