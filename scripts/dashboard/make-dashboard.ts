import type { Panel, Query, Row } from './panel.ts';
import { standingRows } from './standing-rows.ts';
import { toldRows } from './told-rows.ts';
import { workRows } from './work-rows.ts';

const width = 24;
const datasource = { type: 'prometheus', uid: '$datasource' };

/** Every row of the dashboard, in order. */
export const dashboardRows: readonly Row[] = [...standingRows, ...workRows, ...toldRows];

/** A query that looks at the chosen installation alone. */
export function scoped(expr: string): string {
  return expr.replaceAll(/\b(countersign_\w+)(\{)?/g, (_, name: string, open?: string) =>
    open === undefined ? `${name}{job=~"$job"}` : `${name}{job=~"$job",`,
  );
}

function target({ expr, legend }: Query, index: number, instant: boolean) {
  const refId = String.fromCharCode(65 + index);
  return { refId, datasource, expr: scoped(expr), legendFormat: legend, range: !instant, instant, editorMode: 'code' };
}

function colours({ bad, low }: Panel) {
  if (bad !== undefined) return [['green', null], ...(bad[0] < bad[1] ? [['yellow', bad[0]]] : []), ['red', bad[1]]];
  if (low !== undefined) return [['red', null], ...(low[1] < low[0] ? [['yellow', low[1]]] : []), ['green', low[0]]];
  return [['green', null]];
}

function panelOf(panel: Panel, id: number, gridPos: object) {
  const { title, description, unit, queries } = panel;
  const number = panel.shown === 'number';
  const steps = colours(panel).map(([color, value]) => ({ color, value }));
  const lines = { lineWidth: 1, fillOpacity: 8, showPoints: 'never', spanNulls: false };
  return {
    id,
    type: number ? 'stat' : 'timeseries',
    title,
    description,
    datasource,
    gridPos,
    targets: queries.map((query, index) => target(query, index, number)),
    fieldConfig: {
      defaults: { unit, min: 0, thresholds: { mode: 'absolute', steps }, ...(number ? {} : { custom: lines }) },
      overrides: [],
    },
    options: number
      ? { colorMode: 'background', graphMode: 'none', reduceOptions: { calcs: ['lastNotNull'] } }
      : { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi', sort: 'desc' } },
  };
}

/** Lays panels out from left to right: numbers six to a line, the others three. */
function layOut(rows: readonly Row[]) {
  const made: object[] = [];
  let y = 0;
  for (const { title, panels } of rows) {
    made.push({
      id: made.length + 1,
      type: 'row',
      title,
      collapsed: false,
      panels: [],
      gridPos: { x: 0, y, w: width, h: 1 },
    });
    y += 1;
    let x = 0;
    let height = 0;
    for (const panel of panels) {
      const [w, h] = panel.shown === 'number' ? [4, 4] : [8, 7];
      if (x + w > width || (height > 0 && h !== height)) {
        y += height;
        x = 0;
      }
      made.push(panelOf(panel, made.length + 1, { x, y, w, h }));
      x += w;
      height = h;
    }
    y += height;
  }
  return made;
}

/** The dashboard as Grafana imports it: a JSON text that ends with a line break. */
export function makeDashboard(): string {
  const dashboard = {
    uid: 'countersign',
    title: 'Countersign',
    description: 'Is it well, what waits, what fails, who is slow; streams, evidence, models.',
    tags: ['countersign'],
    schemaVersion: 41,
    version: 1,
    editable: true,
    graphTooltip: 1,
    timezone: 'browser',
    time: { from: 'now-6h', to: 'now' },
    refresh: '30s',
    annotations: { list: [] },
    links: [],
    templating: {
      list: [
        { name: 'datasource', type: 'datasource', label: 'Prometheus', query: 'prometheus', hide: 0 },
        {
          name: 'job',
          type: 'query',
          label: 'Job',
          datasource,
          query: { query: 'label_values(countersign_info, job)', refId: 'job' },
          refresh: 2,
          includeAll: true,
          multi: true,
          allValue: '.*countersign.*',
          current: { text: ['All'], value: ['$__all'] },
        },
      ],
    },
    panels: layOut(dashboardRows),
  };
  return `${JSON.stringify(dashboard, null, 2)}\n`;
}
