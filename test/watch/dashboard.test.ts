import { expect, it } from 'vitest';
import { makeDashboard, scoped } from '../../scripts/dashboard/make-dashboard.ts';
import { dashboard, dashboardQueries, dashboardText, filledIn, metricsOf } from './dashboard-file.ts';

it('the dashboard is what its list says, and Grafana can import it anywhere: no place of ours is in it (DO-14)', () => {
  expect(dashboardText).toBe(makeDashboard());
  expect(dashboardText).not.toMatch(/https?:|localhost|127\.0\.0\.1|\/work|"iteration"/);
  expect(dashboard.templating.list.map(({ name, type }) => [name, type])).toEqual([
    ['datasource', 'datasource'],
    ['job', 'query'],
  ]);
});

it('every panel has a place of its own, an id of its own, and each row has panels', () => {
  const { panels } = dashboard;
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  const cells = new Set<string>();
  for (const { title, gridPos } of panels) {
    expect(gridPos.x + gridPos.w, title).toBeLessThanOrEqual(24);
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++)
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
        expect(cells.has(`${x} ${y}`), `${title} lies on another panel`).toBe(false);
        cells.add(`${x} ${y}`);
      }
  }
  const rows = panels.filter(({ type }) => type === 'row').map(({ title }) => title);
  expect(rows.length).toBeGreaterThanOrEqual(7);
  panels.forEach(({ type, title }, index) => {
    if (type === 'row') expect(panels[index + 1]?.type, title).toMatch(/stat|timeseries/);
  });
});

it('every query looks at the chosen job alone, and rates over the range that the scrape interval asks for', () => {
  expect(dashboardQueries.length).toBeGreaterThan(60);
  for (const { panel, expr } of dashboardQueries) {
    expect(expr.match(/\{job=~"\$job"/g)?.length, panel).toBe(Math.max(1, metricsOf(expr).length));
    for (const [, range] of expr.matchAll(/[\w}]\[([^\]]+)\]/g)) expect(range, panel).toBe('$__rate_interval');
    expect(filledIn(expr, '5s'), panel).not.toContain('$');
  }
  expect(scoped('a(countersign_x{b="c"}) / countersign_y')).toBe(
    'a(countersign_x{job=~"$job",b="c"}) / countersign_y{job=~"$job"}',
  );
});
