import type { Command } from 'commander';
import type { InputOptions } from '../input/gather-inputs.ts';
import type { CommonOptions } from '../program/common-options.ts';

/** Options of every command that proposes. */
export interface ProposalOptions extends CommonOptions, InputOptions {
  readonly target?: string;
  readonly project?: string;
  readonly env?: string;
  readonly note?: string;
  readonly requestId?: string;
}

const collect = (word: string, before: readonly string[] | undefined) => [...(before ?? []), word];

/** Adds the action, its inputs, and where it goes. */
export function addProposalOptions(command: Command, actionWord = '<action>'): Command {
  return command
    .argument(actionWord, 'action, such as repo.write_files; see `countersign actions`')
    .argument('[inputs...]', 'inputs as key=value; nested by dots, lists by repetition, @path reads a file')
    .option('--inputs <json>', 'all inputs as JSON, @file, or - for stdin')
    .option('--target <name>', 'target by name')
    .option('--project <name>', 'project of the target')
    .option('--env <name>', 'environment of the target')
    .option('--note <text>', 'why, for those who decide and for the evidence')
    .option('--request-id <id>', 'idempotency key: the same one again answers the same operation')
    .option('--write <path=@file>', 'repo.write_files: a file as it shall be (repeatable)', collect)
    .option('--delete <path>', 'repo.write_files: a file that shall go (repeatable)', collect)
    .option('-m, --message <text>', 'repo.write_files: the commit message');
}

/** Where the options point, as the server takes it. */
export function selectorOf(options: Pick<ProposalOptions, 'target' | 'project' | 'env'>): {
  target?: string;
  project?: string;
  environment?: string;
} {
  const { target, project, env } = options;
  return {
    ...(target !== undefined && { target }),
    ...(project !== undefined && { project }),
    ...(env !== undefined && { environment: env }),
  };
}
