import { expect, it } from 'vitest';
import { faultTable } from '../../test/fault/fault-table.ts';
import { renderReliability } from './render.ts';

const machine = { cores: 2, node: '24.0.0', sqlite: '3.53.0', postgres: '15.1' };
const rows = [
  { fault: 'kill', point: 'propose:before-commit of embedded', database: 'sqlite', fired: 5, lost: 0, twice: 0 },
  { fault: 'kill', point: 'propose:before-commit of server', database: 'postgres', fired: 2, lost: 0, twice: 0 },
  { fault: 'sigterm', point: 'under load', fired: 1, lost: 0, twice: 0, held: 'every 2xx stands' },
  { fault: 'frozen', point: 'worker', fired: 3, lost: 1, twice: 0 },
] as const;
const points = ['propose:before-commit', 'propose:after-commit'];
const render = (given: typeof rows | []): string =>
  renderReliability({
    faults: faultTable,
    rows: given,
    points,
    machine,
    day: given.length === 0 ? null : '2026-01-31',
  });
const lineOf = (document: string, text: string): string =>
  document.split('\n').find((line) => line.includes(text)) ?? '';

it('counts what fired, and calls held only what was shown', () => {
  const document = render(rows);
  expect(document).toContain('2026-01-31 on 2 cores, Node 24.0.0, SQLite 3.53.0, Postgres 15.1.');
  expect(lineOf(document, 'SIGTERM under load |')).toContain('| held | 1 | 0 | 0 |');
  expect(lineOf(document, 'frozen past its lease')).toContain('**did not hold** | 3 | 1 | 0 |');
  expect(lineOf(document, 'WAL cut')).toContain('**no evidence**');
  expect(lineOf(document, 'Redis')).toContain('comes with the part that it strikes');
  expect(document).toContain('every 2xx stands (fired 1 times): under load');
  // A point that was never killed at counts as well.
  expect(lineOf(document, 'kill -9 of the whole product')).toContain('held; **not shown:** 5 kills at 1 of 2 points');
});

it('adds up the kill ledger by point, and names points without a kill', () => {
  const document = render(rows);
  expect(document).toContain('7 kills at 1 named points; 0 lost, 0 twice.');
  expect(document).toContain('| `propose:before-commit` | 5 | 2 |  |  |  | **7** | postgres, sqlite | 0 | 0 |');
  expect(document).toContain('**No evidence** at 1 points: `propose:after-commit`.');
});

it('says so when nothing has run, and refuses a row that the fault table does not know', () => {
  expect(render([])).toContain('No fault test has run.');
  expect(render([])).not.toContain('| held |');
  const strange = [{ fault: 'gremlins', point: 'x', fired: 1, lost: 0, twice: 0 }];
  expect(() => renderReliability({ faults: faultTable, rows: strange, points, machine, day: null })).toThrow(
    'gremlins',
  );
});
