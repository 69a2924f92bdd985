import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { repositoryRoot } from '../../scripts/repository-root.ts';

const Target = z.object({ refId: z.string(), expr: z.string().min(1), legendFormat: z.string().min(1) });
const Grid = z.object({ x: z.int(), y: z.int(), w: z.int().positive(), h: z.int().positive() });
const Panel = z.discriminatedUnion('type', [
  z.object({ type: z.literal('row'), id: z.int(), title: z.string().min(1), gridPos: Grid }),
  z.object({
    type: z.enum(['stat', 'timeseries']),
    id: z.int(),
    title: z.string().min(1),
    description: z.string().min(10),
    datasource: z.object({ type: z.literal('prometheus'), uid: z.literal('$datasource') }),
    gridPos: Grid,
    targets: z.array(Target).min(1),
    fieldConfig: z.object({ defaults: z.object({ unit: z.string().min(1) }) }),
  }),
]);
const Dashboard = z.object({
  uid: z.literal('countersign'),
  title: z.string(),
  schemaVersion: z.int().min(39),
  templating: z.object({ list: z.array(z.object({ name: z.string(), type: z.string() })) }),
  panels: z.array(Panel),
});

/** The dashboard's file, as text and as Grafana reads it. */
export const dashboardText = readFileSync(join(repositoryRoot, 'deploy/dashboard/countersign.json'), 'utf8');
export const dashboard = Dashboard.parse(JSON.parse(dashboardText));

/** Every query, under the title of its panel. */
export const dashboardQueries: readonly { readonly panel: string; readonly expr: string }[] = dashboard.panels.flatMap(
  (panel) => (panel.type === 'row' ? [] : panel.targets.map(({ expr }) => ({ panel: panel.title, expr }))),
);

/** The metrics that an expression looks at, without what histograms add to their names. */
export function metricsOf(expr: string): string[] {
  return [...expr.matchAll(/\bcountersign_[a-z0-9_]+/g)].map(([name]) => name.replace(/_bucket$/, ''));
}

/** A query as it is asked outside Grafana. */
export function filledIn(expr: string, range: string): string {
  return expr.replaceAll('$__rate_interval', range).replaceAll('$job', 'countersign');
}
