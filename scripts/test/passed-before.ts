import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { repositoryRoot } from '../repository-root.ts';
import type { TestProjectName } from './report.ts';
import { treeState } from './tree-state.ts';

function markPath(project: TestProjectName): string {
  return join(repositoryRoot, '.cache/test', `${project}.passed`);
}

function readMark(project: TestProjectName): string | null {
  try {
    return readFileSync(markPath(project), 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return null;
    throw cause;
  }
}

/** Forgets that a project passed: called before it runs again. */
export function forgetPassed(project: TestProjectName): void {
  rmSync(markPath(project), { force: true });
}

/** Notes that the whole project passed on this very tree. */
export function notePassed(project: TestProjectName, state = treeState()): void {
  if (state === null) return;
  mkdirSync(dirname(markPath(project)), { recursive: true });
  writeFileSync(markPath(project), state);
}

/** Whether the whole project passed on this very tree, with nothing changed since. */
export function passedBefore(project: TestProjectName): boolean {
  const mark = readMark(project);
  return mark !== null && mark === treeState();
}
