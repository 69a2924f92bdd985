import { readFile } from 'node:fs/promises';
import type { McpCommandOptions } from '@countersign/cli';
import { connect } from '@countersign/client';
import { verifyTrust } from '@countersign/evidence';
import { nodeVerifyCrypto } from '@countersign/evidence/node';
import { type McpOptions, startMcpHttp, startMcpStdio } from '@countersign/mcp';
import { CodedError, readJson, TrustRoot } from '@countersign/protocol';
import { version } from '../version.ts';

const tell = (message: string): void => {
  process.stderr.write(`countersign-mcp: ${message}\n`);
};

async function keptTrust(path: string | undefined): Promise<TrustRoot | null> {
  if (path === undefined) return null;
  const refuse = (why: string, cause?: unknown) =>
    new CodedError('E_VALIDATION', `${path} is no trust root: ${why}`, { field: '--trust' }, { cause });
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw refuse('it cannot be read', cause);
  });
  let value: unknown;
  try {
    value = readJson(text);
  } catch (cause) {
    throw refuse('it is no JSON', cause);
  }
  const trust = TrustRoot.safeParse(value);
  if (!trust.success) throw refuse('it has another shape', trust.error);
  const checked = await verifyTrust(trust.data, nodeVerifyCrypto);
  if (!checked.ok) throw refuse(checked.reason);
  return checked.value;
}

/** Says who the caller is where a model would speak in a person's own name. Nothing is refused for it, and no answer is waited for. */
async function warnOfPersons(url: string, token: string): Promise<void> {
  try {
    const { name, ai } = await connect({ url, token }).call('whoami');
    if (!ai) tell(`this is the token of ${name} and no agent's: what a model proposes counts as their own word.`);
  } catch (error) {
    tell(error instanceof Error ? error.message : 'the server does not answer');
  }
}

/** Ends with the client that closed its end, as a program at the other end of a pipe does. */
function inputEnded(): Promise<void> {
  return new Promise((resolve) => process.stdin.once('close', resolve).once('end', resolve));
}

/** Serves MCP until the client leaves (stdio) or the process is told to stop. */
export async function serveMcp(options: McpCommandOptions, stopped: () => Promise<void>): Promise<number> {
  const { server: url, token, listen, repository = null } = options;
  const shared: McpOptions = { url, version, repository, trust: await keptTrust(options.trust), tell };
  if (listen !== null) {
    const running = await startMcpHttp({ ...shared, ...listen });
    tell(`ready at ${running.url}, for tokens of ${url}`);
    await stopped();
    await running.stop();
    return 0;
  }
  if (token === null) throw new CodedError('E_AUTH_REQUIRED', 'stdio needs a token');
  const handle = startMcpStdio(shared, token);
  void warnOfPersons(url, token);
  await Promise.race([stopped(), inputEnded()]);
  await handle.close();
  return 0;
}
