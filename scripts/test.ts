import { runTests } from './test/run-tests.ts';

const filters = process.argv.slice(2);
if (filters.length > 0) {
  // A filter may fit one project only, so all run in one go.
  process.exitCode = await runTests('unit', [
    '--project',
    'system',
    '--project',
    'fault',
    '--project',
    'kill',
    ...filters,
  ]);
} else {
  const unit = await runTests('unit', []);
  const system = await runTests('system', []);
  const fault = await runTests('fault', []);
  const kill = await runTests('kill', []);
  process.exitCode = unit || system || fault || kill;
}
