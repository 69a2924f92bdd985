import { join } from 'node:path';
import { type CallToolResult, Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { z } from 'zod';
import { type RunningMcp, startMcpHttp } from '../../../apps/mcp/src/index.ts';

/** The two transports, each with a client from before and from after the protocol became stateless. */
export const ways = [
  ['stdio', 'legacy'],
  ['stdio', 'modern'],
  ['http', 'legacy'],
  ['http', 'modern'],
] as const;
export type Transport = (typeof ways)[number][0];
export type Era = (typeof ways)[number][1];

const main = join(import.meta.dirname, '../../../apps/countersign/src/main.ts');

/** A bridge over HTTP that listens on a free port of this machine, for a server. */
export function startBridge(url: string): Promise<RunningMcp> {
  const own = { version: 'test', trust: null, repository: 'shop-dev', host: '127.0.0.1', port: 0, allowedHosts: [] };
  return startMcpHttp({ ...own, url, tell: () => undefined });
}

/** Where a client goes, and as whom. */
export interface Place {
  readonly server: string;
  readonly bridge: string;
  readonly token: string;
}

/** A connected client with a caller's token. Over stdio it starts `countersign mcp` as a process of its own. */
export async function openClient(transport: Transport, era: Era, place: Place): Promise<Client> {
  const mode = era === 'legacy' ? 'legacy' : { pin: '2026-07-28' };
  const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } });
  if (transport === 'stdio') {
    const env = { PATH: process.env['PATH'] ?? '', COUNTERSIGN_SERVER: place.server, COUNTERSIGN_TOKEN: place.token };
    const args = [main, 'mcp', '--target', 'shop-dev'];
    await client.connect(new StdioClientTransport({ command: process.execPath, args, env, stderr: 'pipe' }));
  } else {
    const headers = { authorization: `Bearer ${place.token}` };
    await client.connect(new StreamableHTTPClientTransport(new URL(place.bridge), { requestInit: { headers } }));
  }
  return client;
}

/** A tool's typed content; fails where the tool refused. */
export async function callTool(
  client: Client,
  name: string,
  given: Record<string, unknown>,
): Promise<Record<string, unknown>> {
  const result: CallToolResult = await client.callTool({ name, arguments: given });
  if (result.isError === true) throw new Error(`${name} refused: ${JSON.stringify(result.content)}`);
  return z.record(z.string(), z.unknown()).parse(result.structuredContent);
}

/** The text of a resource. */
export async function readText(client: Client, uri: string): Promise<string> {
  const [content] = (await client.readResource({ uri })).contents;
  if (content === undefined || !('text' in content)) throw new Error(`${uri} has no text`);
  return content.text;
}
