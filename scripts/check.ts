import { runSteps } from './check/step.ts';
import { steps } from './check/steps.ts';
import { failureReport, resultTable } from './check/table.ts';

const started = performance.now();
const results = await runSteps(steps, 2);
const failed = results.filter(({ passed }) => !passed);
if (failed.length > 0) console.error(failureReport(results));
console.log(resultTable(results));
console.log(
  `${results.length - failed.length} of ${results.length} steps passed in ${Math.round((performance.now() - started) / 1000)} s`,
);
if (failed.length > 0) process.exitCode = 1;
