import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { Session } from '../program/command-entry.ts';
import { addExamples } from '../program/common-options.ts';

/** `countersign init`. */
export function configure(command: Command, session: Session): void {
  command
    .argument('[folder]', 'where countersign.yaml goes', '.')
    .option('--force', 'replace a countersign.yaml that is there');
  addExamples(command, 'countersign init', 'countersign init ops');
  command.action(async (folder: string) => {
    const { deps } = session;
    const { force = false } = command.opts<{ force?: boolean }>();
    session.exitCode = await deps.commands.init({ folder: resolve(deps.cwd, folder), force });
  });
}
