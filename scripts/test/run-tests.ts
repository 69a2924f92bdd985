import { spawn } from 'node:child_process';
import { openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../repository-root.ts';
import { checkMinimum } from './minimum.ts';
import { forgetPassed, notePassed } from './passed-before.ts';
import { readCounts, reportPath, type TestProjectName } from './report.ts';
import { treeState } from './tree-state.ts';

/**
 * Runs a vitest project, keeps its JSON report and checks how many tests ran. Returns the exit code. With `args` (file
 * filters or vitest's options) only a part may run, and the numbers are not checked. What vitest says goes to the file `log`, where
 * one is given.
 */
export async function runTests(
  project: TestProjectName,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  log?: string,
): Promise<number> {
  const report = reportPath(project);
  rmSync(report, { force: true });
  forgetPassed(project);
  const before = treeState();
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const vitest = join(repositoryRoot, 'node_modules/vitest/vitest.mjs');
  const child = spawn(process.execPath, [vitest, 'run', '--project', project, ...reporters, ...args], {
    cwd: repositoryRoot,
    env: { ...process.env, ...env },
    stdio: log === undefined ? 'inherit' : ['ignore', openSync(log, 'a'), openSync(log, 'a')],
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  const code = await new Promise<number | null>((resolve, reject) => child.once('error', reject).once('exit', resolve));
  if (args.length > 0) return code ?? 1;
  const counts = readCounts(project);
  if (!counts) {
    console.error(`vitest left no report of the ${project} tests.`);
    return 1;
  }
  const { enough, message } = checkMinimum(project, counts);
  console.log(`${message}; ${counts.skipped} skipped`);
  const result = enough ? (code ?? 1) : code || 1;
  if (result === 0 && before !== null && before === treeState()) notePassed(project, before);
  return result;
}
