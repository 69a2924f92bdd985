import { join } from 'node:path';
import { approvedIdOf, draftIdOf } from '@countersign/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunningMcp } from '../../../apps/mcp/src/index.ts';
import { type Stage, withPeople } from '../harness/describe-server.ts';
import { confirm, propose, writeFiles } from '../harness/flow.ts';
import { type Bearer, openServer } from '../harness/open-server.ts';
import { startBridge, ways } from './mcp-client.ts';
import { type Ended, runNpx } from './run-npx.ts';

const inspector = '@modelcontextprotocol/inspector@2.12.0';
const bin = join(import.meta.dirname, '../../../apps/countersign/bin/countersign-mcp.js');

describe('the inspector', () => {
  let stage: Stage;
  let bridge: RunningMcp;
  let agent: Bearer;

  beforeAll(async () => {
    stage = await withPeople(await openServer('sqlite'));
    bridge = await startBridge(stage.url);
    agent = await stage.bearer({ name: 'robo', kind: 'agent', role: 'actions' }, stage.alice.client);
  });
  afterAll(async () => {
    await bridge.stop();
    await stage.close();
  });

  test.each(ways)(
    'over %s, %s: lists, reads and calls; a draft id is a protocol error (OR-7)',
    { timeout: 300_000 },
    async (transport, era) => {
      const file = `${transport}-${era}.txt`;
      const approved = await propose(agent.client, writeFiles('dev', { [file]: 'approved\n' }));
      await confirm(stage.alice.client, approved);
      const approvedId = approvedIdOf(approved.op_id);
      const draftId = draftIdOf((await propose(agent.client, writeFiles('dev', { [file]: 'draft\n' }))).op_id);

      const place =
        transport === 'http'
          ? ['--server-url', bridge.url, '--transport', 'http', '--header', `Authorization: Bearer ${agent.token}`]
          : [process.execPath, bin, '-e', `COUNTERSIGN_SERVER=${stage.url}`, '-e', `COUNTERSIGN_TOKEN=${agent.token}`];
      const inspect = (...args: readonly string[]): Promise<Ended> =>
        runNpx(inspector, ['--cli', ...place, '--protocol-era', era, '--format', 'json', ...args]);

      const listed = await inspect('--method', 'tools/list', '--strict');
      expect(listed).toMatchObject({ code: 0, stdout: expect.stringContaining('"create_run"') });
      const read = await inspect('--method', 'resources/read', '--uri', `ops://approved/${approvedId}`);
      expect(read).toMatchObject({ code: 0, stdout: expect.stringContaining(file) });
      const refused = await inspect(
        '--method',
        'prompts/get',
        '--prompt-name',
        'orch_dispatch',
        '--prompt-args',
        `approved_id=${draftId}`,
      );
      expect(refused.code).toBe(1);
      expect(refused.stdout + refused.stderr).toContain('Nothing approved is known here');
      const start = (id: string, key: string) =>
        inspect(
          ...['--method', 'tools/call', '--tool-name', 'create_run'],
          ...['--tool-args-json', JSON.stringify({ approved_id: id, idempotency_key: key })],
        );
      expect(await start(approvedId, file)).toMatchObject({ code: 0, stdout: expect.stringContaining('"run_id"') });
      expect((await start(approvedId, 'another')).code).toBe(5);
      expect((await start(draftId, file)).code).toBe(1);
    },
  );
});
