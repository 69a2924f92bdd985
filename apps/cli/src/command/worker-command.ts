import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { CodedError, EnrolmentSecret } from '@countersign/protocol';
import type { Command } from 'commander';
import { givenToken, isLoopback, serverUrl } from '../connection/settings.ts';
import type { Session } from '../program/command-entry.ts';
import { addExamples } from '../program/common-options.ts';
import type { CliDeps } from '../program/deps.ts';
import { configureWorkerAudit } from './worker-audit-command.ts';

interface WorkerCommandOptions {
  readonly server?: string;
  readonly tokenFile?: string;
  readonly enrolmentFile?: string;
  readonly config?: string;
  readonly name?: string;
  readonly plainHttp: boolean;
}

/** The one-time secret: of a file, else COUNTERSIGN_ENROLMENT; null where none was given. */
async function givenEnrolment({ env, cwd }: CliDeps, file: string | undefined): Promise<string | null> {
  const text = file === undefined ? env['COUNTERSIGN_ENROLMENT'] : await readFile(resolve(cwd, file), 'utf8');
  if (text === undefined || text.trim() === '') return null;
  const secret = EnrolmentSecret.safeParse(text.trim());
  if (secret.success) return secret.data;
  throw new CodedError('E_VALIDATION', 'that is no enrolment', {
    field: file === undefined ? 'COUNTERSIGN_ENROLMENT' : '--enrolment-file',
    next: 'put in what `countersign workers enrol` printed: csw_ and 43 characters',
  });
}

function assertEncrypted(server: string, plainHttp: boolean): void {
  if (server.startsWith('https:') || isLoopback(server) || plainHttp) return;
  throw new CodedError('E_VALIDATION', `${server} is not HTTPS: credentials, inputs and output would go in the clear`, {
    field: '--server',
    next: 'use https://; --plain-http where the way there is encrypted otherwise',
  });
}

/** `countersign worker`, and `audit` of what it did. */
export function configure(command: Command, session: Session): void {
  configureWorkerAudit(command.command('audit').description("Read and check this worker's own audit"), session);
  command
    .option('--server <url>', 'address of the server (COUNTERSIGN_SERVER)')
    .option('--enrolment-file <path>', 'file with a one-time secret to join by, once (or COUNTERSIGN_ENROLMENT)')
    .option('--token-file <path>', 'file with a token of role worker, instead of a key (or COUNTERSIGN_TOKEN)')
    .option('--config <path>', 'configuration file with the targets of this worker')
    .option('--name <name>', 'stable name of this worker; as it joined, or the host name, when left out')
    .option('--plain-http', 'take a server without HTTPS, where the way there is encrypted otherwise', false);
  addExamples(
    command,
    'countersign worker --server https://control.example.com --enrolment-file worker.enrolment --config countersign.yaml',
    'countersign worker --server https://control.example.com --config countersign.yaml',
  );
  command.action(async () => {
    const { deps } = session;
    const { server: option, tokenFile, enrolmentFile, config, name, plainHttp } = command.opts<WorkerCommandOptions>();
    const server = serverUrl(deps, option);
    assertEncrypted(server, plainHttp);
    session.exitCode = await deps.commands.worker({
      server,
      token: await givenToken(deps, tokenFile),
      enrolment: await givenEnrolment(deps, enrolmentFile),
      ...(config !== undefined && { config: resolve(deps.cwd, config) }),
      ...(name !== undefined && { name }),
    });
  });
}
