import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from '@countersign/client';
import { freePort, runCountersign, startCountersign, tempFolder, waitUntil } from '@countersign/testing';
import { expect, it } from 'vitest';
import { auditEntries } from './harness/audit.ts';
import { describeServer } from './harness/describe-server.ts';
import { propose, writeFiles } from './harness/flow.ts';

describeServer('policy by the command line', {}, (stage) => {
  it('freeze, freezes, thaw, policy ls, explain and reload at a server; usage and refusals have their exits (DO-10, DO-19)', async () => {
    const { url, admin, alice, dataDir } = stage();
    const by = (token: string) => async (words: readonly string[]) => {
      const env = { COUNTERSIGN_SERVER: url, COUNTERSIGN_TOKEN: token, COUNTERSIGN_DATA_DIR: `${dataDir}-cli` };
      const said = await runCountersign(words, { env });
      return { ...said, text: said.stdout + said.stderr };
    };
    const [asAdmin, asAlice] = [by(admin.token), by(alice.token)];
    const frozen = await asAdmin(['freeze', 'shop', 'dev', '--reason', 'inventory', '--for', '2h']);
    expect(frozen, frozen.stderr).toMatchObject({ code: 0, stdout: 'shop/dev is frozen: nothing starts there.\n' });
    const planned = await propose(alice.client, writeFiles('dev', { 'cli.txt': 'c\n' }));
    const refused = await asAlice(['start', planned.op_id, '--yes']);
    expect(refused.code).toBe(3);
    expect((await asAlice(['freezes'])).stdout).toContain('inventory');
    expect((await asAdmin(['health'])).stdout).toContain('Frozen: shop/dev');
    expect((await asAlice(['thaw', 'shop', 'dev', '--reason', 'mine'])).code).toBe(3);
    expect((await asAdmin(['thaw', 'shop', 'dev', '--reason', 'counted'])).code).toBe(0);
    expect((await asAdmin(['freeze', 'shop', 'dev', '--reason', 'r', '--for', 'soon'])).code).toBe(2);

    const explained = await asAlice(['policy', 'explain', 'repo.write_files', '--target', 'shop-prod']);
    expect(explained.code, explained.stderr).toBe(0);
    expect(explained.stdout).toContain('- prod-approval: A change in prod needs the approval of one other person.');
    expect(explained.stdout).toContain('@obligation("approve:1")');
    expect((await asAlice(['policy', 'ls'])).stdout).toMatch(/prod-approval +forbid +approval\.cedar:\d+/);
    expect((await asAlice(['policy', 'reload'])).code).toBe(3);
    expect((await asAdmin(['policy', 'reload'])).text).toContain('Nothing has changed.');
    expect((await asAdmin(['break-glass', 'ls', '--open'])).code).toBe(0);
    const broken = await asAlice(['break-glass', 'use', planned.op_id, '--reason', 'r', '--yes']);
    expect(broken.code).toBe(3);
    expect((await auditEntries(stage(), { subject: 'shop/dev' })).map(({ event }) => event)).toEqual([
      'freeze.set',
      'freeze.lifted',
    ]);
  });
});

it('policy init, check and test need no server: a broken file is named by line, a loosened one shows its verdict (DO-10)', async () => {
  const cwd = tempFolder();
  const run = (...words: readonly string[]) => runCountersign(words, { cwd });
  expect((await run('policy', 'init')).code).toBe(0);
  const file = join(cwd, 'policies', 'approval.cedar');
  const text = readFileSync(file, 'utf8');
  const ok = await run('policy', 'check', 'policies');
  expect(ok.code, ok.stderr).toBe(0);
  writeFileSync(
    join(cwd, 'cases.yaml'),
    'cases:\n  - name: an AI changes prod\n    principal: {kind: agent, root: ada}\n    action: repo.write_files\n    target: prod\n    expect: {verdict: needs, obligations: [confirm, "approve:1"]}\n',
  );
  expect((await run('policy', 'test', 'cases.yaml', '--folder', 'policies')).code).toBe(0);
  writeFileSync(file, text.replace('when { !context.break_glass }', 'when { !principal.ai && !context.break_glass }'));
  const loosened = await run('policy', 'test', 'cases.yaml', '--folder', 'policies', '--against', 'shipped');
  expect(loosened.code).toBe(1);
  expect(loosened.stdout).toContain(
    'changed: needs confirm approve:1 (ai-confirm, prod-approval) -> needs confirm (ai-confirm)',
  );
  writeFileSync(file, text.replace('context.approvals', 'context.aprovals'));
  const broken = await run('policy', 'check', 'policies');
  expect(broken.code).toBe(1);
  expect(broken.stdout).toMatch(/approval\.cedar:\d+: fault/);
  const offline = await run(
    'policy',
    'explain',
    'repo.write_files',
    '--tier',
    'prod',
    '--kind',
    'agent',
    '--folder',
    'shipped',
  );
  expect(offline.stdout).toContain('Policy needs confirmation');
  expect((await run('policy', 'explain', 'repo.write_files')).code).toBe(2);
});

it('SIGUSR2 to the server’s process switches panic mode on, and is told of in the audit (OR-2)', async () => {
  const cwd = tempFolder();
  const port = await freePort();
  const env = { COUNTERSIGN_DATA_DIR: join(cwd, 'data') };
  await using server = await startCountersign(['serve', '--port', String(port), '--no-worker'], { cwd, env });
  await server.waitFor(/admin\.token/);
  const token = readFileSync(join(cwd, 'data', 'admin.token'), 'utf8').trim();
  const client = connect({ url: `http://127.0.0.1:${port}`, token });
  expect((await client.call('health')).panic).toBe(false);
  process.kill(server.pid, 'SIGUSR2');
  await waitUntil('panic is on', async () => (await client.call('health')).panic);
  await server.waitFor(/SIGUSR2: panic mode is on/);
  const { entries } = await client.call('audit', { query: { event: 'panic.on', limit: 10 } });
  expect(entries).toMatchObject([{ actor: { principal: 'signal:SIGUSR2', ai: false }, outcome: 'ok' }]);
  process.kill(server.pid, 'SIGUSR2');
  await waitUntil('the second is told as well', async () => {
    const again = await client.call('audit', { query: { event: 'panic.on', limit: 10 } });
    return again.entries.length === 2;
  });
  expect((await client.call('health')).panic).toBe(true);
});
