import { resolve } from 'node:path';
import { CodedError } from '@countersign/protocol';
import type { Command } from 'commander';
import { givenToken, serverUrl } from '../connection/settings.ts';
import type { Session } from '../program/command-entry.ts';
import { addExamples } from '../program/common-options.ts';
import { wholeNumber } from './whole-number.ts';

interface McpOptions {
  readonly server?: string;
  readonly tokenFile?: string;
  readonly http?: boolean;
  readonly host: string;
  readonly port: number;
  readonly allowHost?: readonly string[];
  readonly trust?: string;
  readonly target?: string;
}

/** The administrator's own token is never taken by itself: what a model proposed would count as that person's word. */
const noToken = () =>
  new CodedError('E_AUTH_REQUIRED', 'an agent needs a token of its own: give COUNTERSIGN_TOKEN or --token-file', {
    field: '--token-file',
    next: 'countersign token create my-agent --kind agent --role actions',
  });

/** `countersign mcp`, also `countersign-mcp`: over stdio what is written to the output is the protocol alone. */
export function configure(command: Command, session: Session): void {
  command
    .option('--server <url>', 'address of the server (COUNTERSIGN_SERVER)')
    .option('--token-file <path>', "file with the agent's token (or COUNTERSIGN_TOKEN); stdio only")
    .option('--http', 'serve streamable HTTP instead of stdio; each request brings its own token')
    .option('--host <address>', 'address to listen on for HTTP', '127.0.0.1')
    .option('--port <n>', 'port to listen on for HTTP', wholeNumber(0, 65_535), 9330)
    .option('--allow-host <name...>', 'names beside localhost by which clients and pages may reach it')
    .option('--trust <file>', 'trust root kept elsewhere, for verify_evidence')
    .option('--target <name>', 'the repository that ops://context is about, where you see several');
  addExamples(
    command,
    'countersign mcp --server https://control.example.com --token-file agent.token',
    'countersign mcp --http --port 9330',
  );
  command.action(async () => {
    const { deps } = session;
    const options = command.opts<McpOptions>();
    const { http = false, host, port, allowHost = [], trust, target } = options;
    const token = http ? null : await givenToken(deps, options.tokenFile);
    if (!http && token === null) throw noToken();
    session.exitCode = await deps.commands.mcp({
      server: serverUrl(deps, options.server),
      token,
      listen: http ? { host, port, allowedHosts: allowHost } : null,
      ...(trust !== undefined && { trust: resolve(deps.cwd, trust) }),
      ...(target !== undefined && { repository: target }),
    });
  });
}
