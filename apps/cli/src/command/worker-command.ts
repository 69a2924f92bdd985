import { resolve } from 'node:path';
import type { Command } from 'commander';
import { bearerToken, serverUrl } from '../connection/settings.ts';
import type { Session } from '../program/command-entry.ts';
import { addExamples } from '../program/common-options.ts';

interface WorkerCommandOptions {
  readonly server?: string;
  readonly tokenFile?: string;
  readonly config?: string;
  readonly name?: string;
}

/** `countersign worker`. */
export function configure(command: Command, session: Session): void {
  command
    .option('--server <url>', 'address of the server (COUNTERSIGN_SERVER)')
    .option('--token-file <path>', 'file with a token of role worker (or COUNTERSIGN_TOKEN)')
    .option('--config <path>', 'configuration file with the targets of this worker')
    .option('--name <name>', 'stable name of this worker; the host name when left out');
  addExamples(
    command,
    'countersign worker --server https://control.example.com --token-file worker.token --config countersign.yaml',
  );
  command.action(async () => {
    const { deps } = session;
    const { server: option, tokenFile, config, name } = command.opts<WorkerCommandOptions>();
    const server = serverUrl(deps, option);
    session.exitCode = await deps.commands.worker({
      server,
      token: await bearerToken(deps, tokenFile, server),
      ...(config !== undefined && { config: resolve(deps.cwd, config) }),
      ...(name !== undefined && { name }),
    });
  });
}
