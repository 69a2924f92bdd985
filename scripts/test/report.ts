import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { z } from 'zod';
import { repositoryRoot } from '../repository-root.ts';

/** The vitest projects of `vitest.config.ts`. */
export const testProjects = ['unit', 'system', 'fault', 'kill', 'live', 'cluster'] as const;
export type TestProjectName = (typeof testProjects)[number];

/** How many tests a run had, by outcome; `onPostgres` are those that ran with `[postgres]` in their name. */
export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly onPostgres: number;
}

const vitestReport = z.object({
  testResults: z.array(
    z.object({
      name: z.string().default(''),
      status: z.string(),
      message: z.string().default(''),
      assertionResults: z.array(
        z.object({ status: z.string(), fullName: z.string(), failureMessages: z.array(z.string()).default([]) }),
      ),
    }),
  ),
});

/** Where vitest writes the JSON report of a project. */
export function reportPath(project: TestProjectName): string {
  return join(repositoryRoot, '.cache/test', `${project}.json`);
}

/** Counts the tests of a vitest JSON report; a file that failed without a failed test (a broken import or hook) counts as one failed test. */
export function countTests(reportText: string): TestCounts {
  const files = vitestReport.parse(JSON.parse(reportText)).testResults;
  const tests = files.flatMap((file) => file.assertionResults);
  const broken = files.filter((file) => file.status === 'failed' && !file.assertionResults.some(isFailed)).length;
  const passed = tests.filter(isPassed);
  const failed = tests.filter(isFailed);
  return {
    passed: passed.length,
    failed: failed.length + broken,
    skipped: tests.length - passed.length - failed.length,
    onPostgres: [...passed, ...failed].filter((test) => test.fullName.includes('[postgres]')).length,
  };
}

/** What failed in a vitest JSON report: file, test, and the head of its message. A file that broke as a whole is one of them. */
export function failuresOf(reportText: string): string[] {
  const files = vitestReport.parse(JSON.parse(reportText)).testResults;
  return files.flatMap((file) => {
    const name = relative(repositoryRoot, file.name);
    const failed = file.assertionResults.filter(isFailed);
    if (file.status === 'failed' && failed.length === 0) return [`${name}\n${headOf(file.message)}`];
    return failed.map((test) => `${name} > ${test.fullName}\n${headOf(test.failureMessages.join('\n'))}`);
  });
}

const headLines = 25;
const headColumns = 300;

function headOf(message: string): string {
  return message
    .split('\n')
    .slice(0, headLines)
    .map((line) => `  ${line.slice(0, headColumns)}`)
    .join('\n');
}

function isFailed(test: { readonly status: string }): boolean {
  return test.status === 'failed';
}

function isPassed(test: { readonly status: string }): boolean {
  return test.status === 'passed';
}

/** Counts a project's last report; `undefined` when it has not run. */
export function readCounts(project: TestProjectName): TestCounts | undefined {
  const text = readReport(project);
  return text === undefined ? undefined : countTests(text);
}

/** A project's last report; `undefined` when it has not run. */
export function readReport(project: TestProjectName): string | undefined {
  try {
    return readFileSync(reportPath(project), 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw cause;
  }
}
