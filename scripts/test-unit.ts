import { passedBefore } from './test/passed-before.ts';
import { readCounts } from './test/report.ts';
import { runTests } from './test/run-tests.ts';

// `npm test` and `npm run check` both want the unit tests: on one and the same tree they are run once. `--again` runs them anyway.
const counts = readCounts('unit');
if (counts !== undefined && passedBefore('unit') && !process.argv.includes('--again')) {
  console.log(`${counts.passed} unit tests passed on this very tree (.cache/test/unit.json); --again runs them again`);
} else {
  process.exitCode = await runTests('unit', []);
}
