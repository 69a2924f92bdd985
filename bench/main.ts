import { spawnSync } from 'node:child_process';
import { describeMachine } from './harness/machine.ts';
import { printRow } from './harness/print.ts';
import { renderResults } from './harness/render.ts';
import { saveResults } from './harness/results.ts';
import { rows } from './rows/table.ts';

async function measure(name: string): Promise<number> {
  const row = rows.find((known) => known.name === name);
  if (row === undefined) {
    console.error(`There is no row "${name}". Rows: ${rows.map((known) => known.name).join(', ')}`);
    return 2;
  }
  const machine = describeMachine();
  const figures = await row.measure();
  printRow(row, figures, machine.load);
  saveResults(row, figures, machine);
  return 0;
}

/** Each row in a process of its own, so that no row warms up or fills the memory of the next. */
function measureApart(names: readonly string[]): number {
  const codes = names.map((name) => spawnSync(process.execPath, [import.meta.filename, name], { stdio: 'inherit' }));
  return codes.some(({ status }) => status !== 0) ? 1 : 0;
}

const [, , ...asked] = process.argv;
const [only] = asked;
if (only === '--render') renderResults(rows);
else if (asked.length === 1 && only !== undefined) process.exitCode = await measure(only);
else process.exitCode = measureApart(asked.length === 0 ? rows.map(({ name }) => name) : asked);
