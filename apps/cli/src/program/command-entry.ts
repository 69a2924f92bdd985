import type { Command } from 'commander';
import type { CliDeps } from './deps.ts';

/** One run of the program: its dependencies, and the exit code that the chosen command leaves. */
export interface Session {
  readonly deps: CliDeps;
  exitCode: number;
}

/** Adds arguments, options, examples and the action to a command. */
export type ConfigureCommand = (command: Command, session: Session) => void;

/** A command by name; its module is imported only when it is called. */
export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  readonly group: 'Start' | 'Change' | 'Decide' | 'Look' | 'Prove' | 'Run it';
  load(): Promise<{ readonly configure: ConfigureCommand }>;
}
