import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { repositoryRoot } from '../repository-root.ts';
import type { TestCounts, TestProjectName } from './report.ts';

const minimumFile = z.strictObject({ minimum: z.int().nonnegative() });

const minima = {
  unit: {
    file: 'test/postgres-minimum.json',
    what: 'tests on Postgres',
    ran: (counts: TestCounts) => counts.onPostgres,
  },
  system: {
    file: 'test/system-minimum.json',
    what: 'system tests on Postgres',
    ran: (counts: TestCounts) => counts.onPostgres,
  },
  fault: {
    file: 'test/fault-minimum.json',
    what: 'fault tests',
    ran: (counts: TestCounts) => counts.passed + counts.failed,
  },
  kill: {
    file: 'test/kill-minimum.json',
    what: 'tests that kill processes',
    ran: (counts: TestCounts) => counts.passed + counts.failed,
  },
  live: {
    file: 'test/live-minimum.json',
    what: 'live tests',
    ran: (counts: TestCounts) => counts.passed + counts.failed,
  },
  cluster: {
    file: 'test/cluster-minimum.json',
    what: 'tests of a Kubernetes cluster',
    ran: (counts: TestCounts) => counts.passed + counts.failed,
  },
} as const satisfies Record<TestProjectName, unknown>;

/** How many tests of the guarded kind ran, and the sentence that says so. */
export interface MinimumVerdict {
  readonly enough: boolean;
  readonly message: string;
}

/** Compares a whole run with the number of tests that must have run, so that a test that vanished is noticed. */
export function checkMinimum(project: TestProjectName, counts: TestCounts): MinimumVerdict {
  const { file, what, ran } = minima[project];
  return judgeMinimum(what, ran(counts), minimumOf(project), file);
}

/** How many tests of the guarded kind a whole run of a project must have. */
export function minimumOf(project: TestProjectName): number {
  const { file } = minima[project];
  return minimumFile.parse(JSON.parse(readFileSync(join(repositoryRoot, file), 'utf8'))).minimum;
}

/** The comparison itself. */
export function judgeMinimum(what: string, ran: number, minimum: number, file: string): MinimumVerdict {
  const message = `${ran} ${what} ran, at least ${minimum} expected (${file})`;
  return { enough: ran >= minimum, message };
}
