import { spawn } from 'node:child_process';
import { repositoryRoot } from '../repository-root.ts';

/** One program of the check, run by the pinned Node. */
export interface Step {
  readonly name: string;
  /** A script's path from the repository's root, and its arguments. */
  readonly command: readonly string[];
}

/** How a step ended, with everything it printed. */
export interface StepResult {
  readonly name: string;
  readonly passed: boolean;
  readonly durationMs: number;
  readonly output: string;
}

/** Runs a step; a program that cannot be started counts as failed. */
export function runStep(step: Step): Promise<StepResult> {
  const started = performance.now();
  return new Promise((resolve) => {
    const child = spawn(process.execPath, step.command, { cwd: repositoryRoot, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const end = (passed: boolean) =>
      resolve({ name: step.name, passed, durationMs: performance.now() - started, output: output.trim() });
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (chunk) => (output += chunk));
    child.once('error', (error) => {
      output += error.message;
      end(false);
    });
    child.once('close', (code) => end(code === 0));
  });
}

/** Runs the steps in order, `width` at a time, and returns their results in the same order. */
export async function runSteps(steps: readonly Step[], width: number): Promise<StepResult[]> {
  const results = new Map<Step, StepResult>();
  const waiting = [...steps];
  const lane = async () => {
    for (let step = waiting.shift(); step; step = waiting.shift()) results.set(step, await runStep(step));
  };
  await Promise.all(Array.from({ length: width }, lane));
  return steps.flatMap((step) => results.get(step) ?? []);
}
