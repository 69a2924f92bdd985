import { Argument, type Command } from 'commander';
import { completionScripts, type Shell, shells } from '../completion/scripts.ts';
import type { Session } from '../program/command-entry.ts';
import { addExamples } from '../program/common-options.ts';

/** `countersign completion`: prints the script that a shell loads. */
export function configure(command: Command, session: Session): void {
  command.addArgument(new Argument('<shell>', 'which shell').choices(shells));
  addExamples(
    command,
    'countersign completion zsh > ~/.zfunc/_countersign',
    'source <(countersign completion bash)',
    'countersign completion fish > ~/.config/fish/completions/countersign.fish',
  );
  command.action((shell: Shell) => {
    session.deps.terminal.stdout.write(completionScripts[shell]);
    session.exitCode = 0;
  });
}
