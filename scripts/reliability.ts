import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { faultReportFolder } from '@countersign/testing/fault';
import { allPoints } from '../test/crash/crash-points.ts';
import { faultTable } from '../test/fault/fault-table.ts';
import { thisMachine } from './reliability/machine.ts';
import { readRows } from './reliability/read-rows.ts';
import { renderReliability } from './reliability/render.ts';
import { runFaultTests } from './reliability/run-fault-tests.ts';
import { repositoryRoot } from './repository-root.ts';

const passed = process.argv.includes('--render-only') || (await runFaultTests());
const { rows, at } = await readRows(faultReportFolder);
const file = join(repositoryRoot, 'docs/reliability.md');
const day = at === null ? null : new Date(at).toISOString().slice(0, 10);
await writeFile(
  file,
  renderReliability({ faults: faultTable, rows, points: allPoints, machine: await thisMachine(), day }),
);
console.log(`${rows.length} rows of evidence in docs/reliability.md`);
// A document of a run in which tests failed is written, and the run is a failure all the same.
process.exitCode = passed ? 0 : 1;
