import { runTests } from './test/run-tests.ts';

const filters = process.argv.slice(2);
if (filters.length > 0) {
  // A filter may fit one project only, so both run in one go.
  process.exitCode = await runTests('unit', ['--project', 'system', ...filters]);
} else {
  const unit = await runTests('unit', []);
  const system = await runTests('system', []);
  process.exitCode = unit === 0 ? system : unit;
}
