import type { Command } from 'commander';

/** Options that every command which talks to a server has. `input` and `color` are false with `--no-…`. */
export interface CommonOptions {
  readonly server?: string;
  readonly tokenFile?: string;
  readonly json?: boolean;
  readonly input: boolean;
  readonly color: boolean;
}

// Commander gives a lone --no-option its default `true` only to commands that were complete when parsing began.

/** Adds the output options alone, for commands that work offline. */
export function addOutputOptions(command: Command): Command {
  return command
    .option('--json', 'print exactly one JSON document (streams: JSON lines)')
    .option('--no-input', 'never ask anything', true)
    .option('--no-color', 'no colours', true);
}

/** Adds the options of every command that talks to a server. */
export function addCommonOptions(command: Command): Command {
  return addOutputOptions(
    command
      .option('--server <url>', 'address of the server (COUNTERSIGN_SERVER)')
      .option('--token-file <path>', 'file with the bearer token (or COUNTERSIGN_TOKEN)'),
  );
}

/** Adds an `Examples:` block to the help of a command. */
export function addExamples(command: Command, ...lines: readonly string[]): Command {
  return command.addHelpText('after', `\nExamples:\n${lines.map((line) => `  $ ${line}`).join('\n')}`);
}
