import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { Session } from '../program/command-entry.ts';
import { addExamples } from '../program/common-options.ts';
import { wholeNumber } from './whole-number.ts';

interface ServeCommandOptions {
  readonly host?: string;
  readonly port?: number;
  readonly config?: string;
  readonly dataDir?: string;
  readonly worker: boolean;
}

/** `countersign serve`. */
export function configure(command: Command, session: Session): void {
  command
    .option('--host <address>', 'address to listen on (COUNTERSIGN_HOST, else 127.0.0.1)')
    .option('--port <n>', 'port to listen on (COUNTERSIGN_PORT, else 9325)', wholeNumber(0, 65_535))
    .option('--config <path>', 'configuration file (countersign.yaml)')
    .option('--data-dir <path>', 'data folder (COUNTERSIGN_DATA_DIR, else .countersign)')
    .option('--no-worker', 'without the embedded worker', true);
  addExamples(
    command,
    'countersign serve',
    'countersign serve --port 8080 --data-dir /var/lib/countersign --no-worker',
  );
  command.action(async () => {
    const { deps } = session;
    const { config, dataDir, ...options } = command.opts<ServeCommandOptions>();
    session.exitCode = await deps.commands.serve({
      ...options,
      ...(config !== undefined && { config: resolve(deps.cwd, config) }),
      ...(dataDir !== undefined && { dataDir: resolve(deps.cwd, dataDir) }),
    });
  });
}
