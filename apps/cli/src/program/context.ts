import { type Client, connect } from '@countersign/client';
import type { Command } from 'commander';
import { bearerToken, serverUrl } from '../connection/settings.ts';
import type { Session } from './command-entry.ts';
import type { CommonOptions } from './common-options.ts';
import type { CliDeps } from './deps.ts';
import { type Printer, printerFor } from './printer.ts';

/** What a command works with. */
export interface Context {
  readonly deps: CliDeps;
  readonly print: Printer;
  readonly client: Client;
  /** Whether somebody may be asked: a terminal on both sides and no `--no-input`. */
  readonly interactive: boolean;
}

/** Connects as the options say; nothing is sent yet. */
export async function makeContext(deps: CliDeps, options: CommonOptions): Promise<Context> {
  const url = serverUrl(deps, options.server);
  const token = await bearerToken(deps, options.tokenFile, url);
  return {
    deps,
    print: printerFor(deps, options),
    client: connect({ url, token, userAgent: `countersign-cli/${deps.version}` }),
    interactive: options.input && deps.terminal.stdin.isTty && deps.terminal.stderr.isTty,
  };
}

/**
 * Sets a command's action: connects, does the work and keeps its exit code. `Arguments` and `Options` are what the
 * command declared; commander gives them in that order, then itself.
 */
export function setAction<Options extends CommonOptions, Arguments extends readonly unknown[] = []>(
  command: Command,
  session: Session,
  work: (context: Context, options: Options, ...words: Arguments) => Promise<number>,
): void {
  command.action(async (...given) => {
    const options = command.opts<Options>();
    const words = given.slice(0, command.registeredArguments.length);
    const context = await makeContext(session.deps, options);
    session.exitCode = await Reflect.apply(work, undefined, [context, options, ...words]);
  });
}
