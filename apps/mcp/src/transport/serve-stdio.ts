import { type StdioServerHandle, serveStdio } from '@modelcontextprotocol/server/stdio';
import { createServer } from '../server/create-server.ts';
import { makeBridge } from './make-bridge.ts';
import type { McpOptions } from './options.ts';

/** Serves one client over this process's own input and output, with `token`; nothing else may write to the output. */
export function startMcpStdio(options: McpOptions, token: string): StdioServerHandle {
  return serveStdio(() => createServer(options.version, makeBridge(options, token)), {
    onerror: (error) => options.tell(error.message),
  });
}
