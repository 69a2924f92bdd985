import { join } from 'node:path';
import { type RunningChild, startChild } from './child.ts';

const entry = join(import.meta.dirname, '../../../../apps/countersign/src/main.ts');

/** What a started `countersign` gets besides its arguments. */
export interface CountersignOptions {
  readonly cwd?: string;
  /** Added to the test process's environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
}

/** Starts `countersign ARGS` from the checkout in a process of its own. */
export function startCountersign(args: readonly string[], options: CountersignOptions = {}): Promise<RunningChild> {
  const { env, ...rest } = options;
  return startChild(process.execPath, [entry, ...args], { ...rest, env: { ...process.env, NO_COLOR: '1', ...env } });
}

/** What a finished `countersign` said. */
export interface CountersignResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `countersign ARGS` to its end. */
export async function runCountersign(
  args: readonly string[],
  options: CountersignOptions = {},
): Promise<CountersignResult> {
  const child = await startCountersign(args, options);
  const { code } = await child.exited;
  return { code, stdout: child.stdout(), stderr: child.stderr() };
}
