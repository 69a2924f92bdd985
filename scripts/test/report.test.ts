import { expect, it } from 'vitest';
import { judgeMinimum } from './minimum.ts';
import { countTests, failuresOf } from './report.ts';

const test = (fullName: string, status: string) => ({ fullName, status });

it('counts outcomes, tests that ran on Postgres, and files that broke without a failed test', () => {
  const report = {
    testResults: [
      { status: 'passed', assertionResults: [test('a [postgres]', 'passed'), test('b', 'passed')] },
      { status: 'failed', assertionResults: [test('c [postgres]', 'failed'), test('d [postgres]', 'skipped')] },
      { status: 'failed', assertionResults: [] },
      { status: 'failed', assertionResults: [test('e', 'skipped')] },
    ],
  };
  expect(countTests(JSON.stringify(report))).toEqual({ passed: 2, failed: 3, skipped: 2, onPostgres: 2 });
});

it('names each failed test and each broken file with the head of its message', () => {
  const report = {
    testResults: [
      { name: 'a.test.ts', status: 'passed', assertionResults: [test('fine', 'passed')] },
      {
        name: 'b.test.ts',
        status: 'failed',
        assertionResults: [{ ...test('breaks', 'failed'), failureMessages: ['expected 1 to be 2'] }],
      },
      { name: 'c.test.ts', status: 'failed', message: 'cannot import', assertionResults: [] },
    ],
  };
  const failures = failuresOf(JSON.stringify(report));
  expect(failures).toHaveLength(2);
  expect(failures[0]).toContain('b.test.ts > breaks\n  expected 1 to be 2');
  expect(failures[1]).toContain('c.test.ts\n  cannot import');
});

it('refuses a report that it does not understand', () => {
  expect(() => countTests('{"tests":[]}')).toThrow();
});

it('notices one test fewer than expected', () => {
  expect(judgeMinimum('live tests', 4, 5, 'file').enough).toBe(false);
  expect(judgeMinimum('live tests', 5, 5, 'file').enough).toBe(true);
});
