import { styleText } from 'node:util';
import type { StepResult } from './step.ts';

/** The results as a table: step, duration, result. */
export function resultTable(results: readonly StepResult[]): string {
  const width = Math.max(...results.map(({ name }) => name.length));
  return results
    .map(({ name, durationMs, passed }) => {
      const duration = `${(durationMs / 1000).toFixed(1)} s`.padStart(8);
      return `${name.padEnd(width)} ${duration}  ${verdict(passed)}`;
    })
    .join('\n');
}

/** The output of each failed step under its name. */
export function failureReport(results: readonly StepResult[]): string {
  return results
    .filter(({ passed }) => !passed)
    .map(({ name, output }) => `${styleText('bold', `--- ${name}`)}\n${output}\n`)
    .join('\n');
}

function verdict(passed: boolean): string {
  return passed ? styleText('green', 'passed') : styleText('red', 'FAILED');
}
