import { join } from 'node:path';
import { readJson } from '@countersign/protocol';
import { type RunningChild, startChild } from '@countersign/testing';
import type { z } from 'zod';
import { repositoryRoot } from '../../repository-root.ts';
import { searchPath } from './program.ts';

const entry = join(repositoryRoot, 'apps/countersign/src/main.ts');

/** Nothing of the caller's settings: the demo's server must not be theirs. */
const environment = { PATH: searchPath, HOME: process.env['HOME'] ?? '/', LANG: 'C.UTF-8', NO_COLOR: '1' };

/** Where a command runs, and what it gets of COUNTERSIGN_…. */
export interface Seat {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Starts `countersign WORDS` in a process of its own. */
export function startCommand(words: readonly string[], { cwd, env }: Seat): Promise<RunningChild> {
  return startChild(process.execPath, [entry, ...words], { cwd, env: { ...environment, ...env } });
}

/** What a command said. */
export interface Said {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Its one document of `--json`. */
  parse<Shape extends z.ZodType>(shape: Shape): z.output<Shape>;
}

/** Runs `countersign WORDS --json` to its end; an abort ends it. */
export async function runCommand(words: readonly string[], seat: Seat, signal: AbortSignal): Promise<Said> {
  signal.throwIfAborted();
  const child = await startCommand([...words, '--json', '--no-input'], seat);
  const end = () => void child.kill('SIGTERM');
  signal.addEventListener('abort', end);
  const { code } = await child.exited;
  signal.removeEventListener('abort', end);
  signal.throwIfAborted();
  const stdout = child.stdout();
  return { code, stdout, stderr: child.stderr(), parse: (shape) => shape.parse(readJson(stdout)) };
}

/** The words as somebody would type them in a shell. */
export function typed(words: readonly string[]): string {
  const quoted = (word: string) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);
  return ['countersign', ...words].map(quoted).join(' ');
}
