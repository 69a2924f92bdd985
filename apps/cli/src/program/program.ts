import { Command, CommanderError } from 'commander';
import type { Session } from './command-entry.ts';
import { commandTable } from './command-table.ts';
import type { CliDeps } from './deps.ts';

const examples = `
Examples:
  $ countersign serve
  $ countersign do repo.write_files --env dev --write app.conf=@app.conf -m "raise the limit"
  $ countersign ls
  $ countersign evidence get <bundle>

Exit codes: 0 done, 1 failed, 2 usage, 3 denied, 4 stale plan, 5 waits for a confirmation or an approval.
Server: --server or COUNTERSIGN_SERVER; token: --token-file or COUNTERSIGN_TOKEN.`;

/**
 * The program with every command as a stub; a command's module is imported when it is chosen, so help stays fast.
 *
 * @param session where the chosen command leaves its exit code.
 */
export function buildProgram(session: Session): Command {
  const { terminal, version } = session.deps;
  const program = new Command('countersign')
    .description('See exactly what will change, countersign it, run it once, prove it.')
    .version(version, '-V, --version', 'print the version')
    .helpCommand(false)
    .enablePositionalOptions()
    .showHelpAfterError('(add --help for the options and examples)')
    .configureOutput({
      writeOut: (text) => terminal.stdout.write(text),
      writeErr: (text) => terminal.stderr.write(text),
    })
    .addHelpText('after', examples)
    .exitOverride();
  for (const { name, summary, group } of commandTable) program.addCommand(stub(program, name, summary, group));
  program.hook('preSubcommand', async (_program, command) => {
    const entry = commandTable.find(({ name }) => name === command.name());
    (await entry?.load())?.configure(command, session);
    defaultNegatedOptions(command);
  });
  return program;
}

/** Commander gives lone `--no-…` options their default before this hook, so those of a lazily loaded command get it here. */
function defaultNegatedOptions(command: Command): void {
  for (const option of command.options) {
    const name = option.attributeName();
    if (option.negate && command.getOptionValue(name) === undefined)
      command.setOptionValueWithSource(name, true, 'default');
  }
}

function stub(program: Command, name: string, summary: string, group: string): Command {
  return new Command(name).copyInheritedSettings(program).summary(summary).description(summary).helpGroup(`${group}:`);
}

/** Runs one command line (without node and script) and answers the exit code; never throws. */
export async function runCli(argv: readonly string[], deps: CliDeps): Promise<number> {
  const session: Session = { deps, exitCode: 0 };
  const program = buildProgram(session);
  const [first, ...rest] = argv;
  if (first === 'complete' && rest[0] === '--') {
    const { answerCompletion } = await import('../completion/complete.ts');
    await answerCompletion(program, session, rest.slice(1));
    return 0;
  }
  // `help do` is what people type as well; commander's own help command does not wait for lazily loaded options.
  const words = first === 'help' ? [...rest, '--help'] : [...argv];
  if (words.length === 0) words.push('--help');
  try {
    await program.parseAsync(words, { from: 'user' });
    return session.exitCode;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    const { reportFailure, usageFailure } = await import('./report-failure.ts');
    const json = argv.includes('--json');
    if (!(error instanceof CommanderError)) {
      return reportFailure(error, deps, { json, color: !argv.includes('--no-color') });
    }
    return json ? usageFailure(error.message, deps) : 2;
  }
}
