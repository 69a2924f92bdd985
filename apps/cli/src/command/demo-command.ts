import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { Session } from '../program/command-entry.ts';
import { addExamples } from '../program/common-options.ts';

/** `countersign demo`. */
export function configure(command: Command, session: Session): void {
  command
    .option('--data-dir <path>', 'keep what the demo makes here')
    .option('--no-color', 'no colours', true)
    .option('--container <name>', 'a running Docker container that the demo may restart');
  addExamples(command, 'countersign demo');
  command.action(async () => {
    const { deps } = session;
    const { dataDir, color, container } = command.opts<{ dataDir?: string; color: boolean; container?: string }>();
    const kept = dataDir === undefined ? {} : { dataDir: resolve(deps.cwd, dataDir) };
    session.exitCode = await deps.commands.demo({ ...kept, color, ...(container !== undefined && { container }) });
  });
}
