import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Stage, withPeople } from '../harness/describe-server.ts';
import { openServer } from '../harness/open-server.ts';

const bin = join(import.meta.dirname, '../../../apps/countersign/bin/countersign-mcp.js');
const hello = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
};

/** Runs the program by its own name, says something to it, closes its input and waits for its end. */
async function run(args: readonly string[], env: Record<string, string>, said: readonly object[]) {
  const child = spawn(process.execPath, [bin, ...args], { env: { PATH: process.env['PATH'] ?? '', ...env } });
  const ended = once(child, 'exit');
  const stderr = text(child.stderr);
  child.stdout.setEncoding('utf8');
  let stdout = '';
  const answered = new Promise<void>((resolve) => {
    child.stdout.on('data', (chunk: string) => {
      stdout += chunk;
      if (stdout.split('\n').length > said.length) resolve();
    });
    child.once('exit', () => resolve());
  });
  for (const message of said) child.stdin.write(`${JSON.stringify(message)}\n`);
  await answered;
  child.stdin.end();
  const [code] = await ended;
  return { code, stdout, stderr: await stderr };
}

describe('countersign-mcp as a client starts it', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await withPeople(await openServer('sqlite'));
  });
  afterAll(() => stage.close());

  it('writes the protocol and nothing else to its output, and ends with its input (OR-7)', async () => {
    const env = { COUNTERSIGN_SERVER: stage.url, COUNTERSIGN_TOKEN: stage.alice.token };
    const { code, stdout, stderr } = await run([], env, [hello]);
    expect(code).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { jsonrpc: '2.0', id: 1, result: { serverInfo: { name: 'countersign-mcp' } } },
    ]);
    expect(stderr).not.toContain(stage.alice.token);
  });

  it('says so where a person’s own token is what a model speaks with', async () => {
    const list = { jsonrpc: '2.0', id: 2, method: 'tools/call', params: { name: 'search_actions', arguments: {} } };
    const env = { COUNTERSIGN_SERVER: stage.url, COUNTERSIGN_TOKEN: stage.alice.token };
    const { stderr } = await run([], env, [hello, list]);
    expect(stderr).toContain('this is the token of alice and no agent');
  });

  it('without a token it ends with the next step, on the side where nobody expects the protocol', async () => {
    const { code, stdout, stderr } = await run([], { COUNTERSIGN_SERVER: stage.url }, []);
    expect([code, stdout]).toEqual([3, '']);
    expect(stderr).toContain('countersign token create');
  });
});
