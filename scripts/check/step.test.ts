import { expect, it } from 'vitest';
import { runSteps } from './step.ts';
import { failureReport, resultTable } from './table.ts';

const script = (name: string, code: string) => ({ name, command: ['-e', code] });

it('reports each step by its exit code, with the output of those that failed', async () => {
  const results = await runSteps(
    [script('good', "console.log('fine')"), script('bad', "console.error('broken wall'); process.exit(2)")],
    2,
  );
  expect(results.map(({ name, passed }) => [name, passed])).toEqual([
    ['good', true],
    ['bad', false],
  ]);
  expect(resultTable(results)).toMatch(/good .*passed\nbad .*FAILED/);
  expect(failureReport(results)).toContain('broken wall');
  expect(failureReport(results)).not.toContain('fine');
});

it('counts a program that is killed as failed', async () => {
  const [result] = await runSteps([script('killed', "process.kill(process.pid, 'SIGKILL')")], 1);
  expect(result?.passed).toBe(false);
});
