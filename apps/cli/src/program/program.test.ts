import { execFile, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { tempFolder } from '@countersign/testing';
import { expect, onTestFinished, test } from 'vitest';
import { runConsole } from '../fake-console/fake-console.ts';
import { startRouteServer } from '../fake-console/route-server.ts';
import { sampleIds, sampleOperation } from '../fake-console/sample-operation.ts';
import { commandTable } from './command-table.ts';

const program = new URL('./program.ts', import.meta.url).href;
const terminal = new URL('../terminal/node-terminal.ts', import.meta.url).href;
/** A whole process, as `countersign` would be. */
function scriptFor(words: readonly string[]): string {
  return `import { runCli } from ${JSON.stringify(program)};
import { nodeTerminal } from ${JSON.stringify(terminal)};
const host = async () => 0;
process.exitCode = await runCli(${JSON.stringify(words)}, { version: '1', terminal: nodeTerminal(), env: process.env,
  cwd: process.cwd(), now: Date.now, randomId: () => 'x', commands: { serve: host, worker: host, init: host, demo: host, checkBackup: host, examineHost: host, restore: host } });`;
}

test('every command has help with an example, and help never needs a server', async () => {
  for (const { name } of commandTable) {
    const result = await runConsole([name, '--help'], { cwd: '/' });
    expect([name, result.code, result.stderr]).toEqual([name, 0, '']);
    expect(result.stdout).toContain(`Usage: countersign ${name}`);
    if (
      ![
        'evidence',
        'drafts',
        'audit',
        'token',
        'backup',
        'storage',
        'trust',
        'keys',
        'webhooks',
        'provider',
        'policy',
        'break-glass',
        'people',
        'workers',
        'targets',
      ].includes(name)
    )
      expect(result.stdout).toContain('Examples:\n  $ countersign ');
  }
  expect((await runConsole(['help', 'token', 'create'], { cwd: '/' })).stdout).toContain('token create alice');
  expect((await runConsole([], { cwd: '/' })).stdout).toContain('Exit codes:');
});

test('usage errors exit 2, with --json as a document', async () => {
  const wrong = [
    ['nonsense'],
    ['show'],
    ['reject', sampleIds.op],
    ['ls', '--limit', 'x'],
    ['panic', 'maybe', '--reason', 'r'],
    ['token'],
  ];
  for (const words of wrong) expect([words, (await runConsole(words, { cwd: '/' })).code]).toEqual([words, 2]);
  const result = await runConsole(['show', '--json'], { cwd: '/' });
  expect(JSON.parse(result.stdout)).toMatchObject({ error: { code: 'E_VALIDATION' } });
});

test('serve and worker hand their options on, paths resolved', async () => {
  const cwd = tempFolder();
  const serve = await runConsole(['serve', '--port', '80', '--data-dir', 'd', '--no-worker'], { cwd });
  expect(serve.hosted).toEqual({ port: 80, worker: false, dataDir: join(cwd, 'd') });
  expect((await runConsole(['serve'], { cwd })).hosted).toEqual({ worker: true });
  writeFileSync(join(cwd, 't'), 'secret\n');
  const worker = await runConsole(['worker', '--server', 'https://x', '--token-file', 't', '--name', 'w'], { cwd });
  expect(worker.hosted).toEqual({ server: 'https://x', token: 'secret', enrolment: null, name: 'w' });
});

test('a worker joins by a secret of a file or the environment, never goes as the administrator, and wants HTTPS elsewhere', async () => {
  const cwd = tempFolder();
  mkdirSync(join(cwd, '.countersign'));
  writeFileSync(join(cwd, '.countersign/admin.token'), 'admin\n');
  const secret = `csw_${'a'.repeat(43)}`;
  writeFileSync(join(cwd, 'e'), `${secret}\n`);
  const file = await runConsole(['worker', '--server', 'http://127.0.0.1:1', '--enrolment-file', 'e'], { cwd });
  expect(file.hosted).toEqual({ server: 'http://127.0.0.1:1', token: null, enrolment: secret });
  const env = { COUNTERSIGN_ENROLMENT: secret };
  expect((await runConsole(['worker', '--server', 'https://x'], { cwd, env })).hosted).toMatchObject({
    enrolment: secret,
  });
  writeFileSync(join(cwd, 'e'), 'nothing of the kind\n');
  const wrong = await runConsole(['worker', '--server', 'https://x', '--enrolment-file', 'e'], { cwd });
  expect([wrong.code, wrong.hosted]).toEqual([2, undefined]);
  const open = await runConsole(['worker', '--server', 'http://control.example.com'], { cwd });
  expect([open.code, open.hosted]).toEqual([2, undefined]);
  expect(open.stderr).toContain('HTTPS');
  const tunnel = ['worker', '--server', 'http://10.0.0.1', '--plain-http'];
  expect((await runConsole(tunnel, { cwd })).hosted).toMatchObject({ server: 'http://10.0.0.1' });
});

test('mcp hands on an agent’s own token or where to listen, and never takes the administrator’s by itself (OR-7)', async () => {
  const cwd = tempFolder();
  mkdirSync(join(cwd, 'data'));
  writeFileSync(join(cwd, 'data/admin.token'), 'admin\n');
  writeFileSync(join(cwd, 't'), 'agent\n');
  const server = 'http://127.0.0.1:9325';
  const without = await runConsole(['mcp'], { cwd });
  expect([without.code, without.hosted, without.stdout]).toEqual([3, undefined, '']);
  expect(without.stderr).toContain('countersign token create');
  const stdio = await runConsole(['mcp', '--token-file', 't', '--trust', 'keys.json', '--target', 'shop'], { cwd });
  expect(stdio.hosted).toEqual({
    server,
    token: 'agent',
    listen: null,
    trust: join(cwd, 'keys.json'),
    repository: 'shop',
  });
  const env = { COUNTERSIGN_TOKEN: 'from-env', COUNTERSIGN_SERVER: 'https://control.example.com' };
  expect((await runConsole(['mcp'], { cwd, env })).hosted).toMatchObject({
    token: 'from-env',
    server: env.COUNTERSIGN_SERVER,
  });
  const http = await runConsole(['mcp', '--http', '--port', '0', '--allow-host', 'a.example', 'b.example'], {
    cwd,
    env,
  });
  expect(http.hosted).toEqual({
    server: env.COUNTERSIGN_SERVER,
    token: null,
    listen: { host: '127.0.0.1', port: 0, allowedHosts: ['a.example', 'b.example'] },
  });
});

test('an operation is found by a unique prefix; several are named, none is said', async () => {
  const other = sampleIds.op.replace(/1$/, '2');
  const server = await startRouteServer({
    opsList: () => ({ operations: [sampleOperation(), sampleOperation({ op_id: other })] }),
    opsGet: ({ params }) => sampleOperation({ op_id: String(params['op_id']) }),
  });
  onTestFinished(server.close);
  const show = (reference: string) => runConsole(['show', reference, '--server', server.url, '--json'], { cwd: '/' });
  expect(JSON.parse((await show(other)).stdout).op_id).toBe(other);
  const ambiguous = await show(sampleIds.op.slice(0, 13));
  expect([ambiguous.code, JSON.parse(ambiguous.stdout).error.detail.choices]).toEqual([2, [sampleIds.op, other]]);
  expect((await show('0123456789')).code).toBe(1);
  expect((await show('019a')).code).toBe(2);
});

test('a list is a table for people, one document for programs, plain where it is no terminal', async () => {
  const server = await startRouteServer({ opsList: () => ({ operations: [sampleOperation()] }) });
  onTestFinished(server.close);
  const list = (extra: string[], answers?: string[]) =>
    runConsole(['ls', '--server', server.url, ...extra], { cwd: '/', env: {}, ...(answers && { answers }) });
  const plain = await list([]);
  expect(plain.stdout).toMatch(/^OPERATION .*\n019a0000-.* ready .* shop /);
  const json = await list(['--json']);
  expect(JSON.parse(json.stdout).operations).toHaveLength(1);
  expect(json.stderr).toBe('');
  expect((await list([], [])).stdout).toContain('\u001b[1m');
  expect((await list(['--no-color'], [])).stdout).not.toContain('\u001b');
});

test('a reader that goes away ends the command quietly', async () => {
  const server = await startRouteServer({
    actions: () => ({ actions: [] }),
    auditLeaves: () => ({}),
    metrics: () => '',
  });
  onTestFinished(server.close);
  const child = spawn(process.execPath, ['--input-type=module', '-e', scriptFor(['do', '--help'])], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.destroy();
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const code = await new Promise((resolve) => child.on('exit', resolve));
  expect(stderr).toBe('');
  expect([0, 141]).toContain(code);
});

test('help loads neither client nor schemas', async () => {
  const script = `import { registerHooks } from 'node:module';
const seen = [];
registerHooks({ load: (url, context, next) => { seen.push(url); return next(url, context); } });
process.on('exit', () => process.stderr.write(JSON.stringify(seen)));
await import('data:text/javascript,' + encodeURIComponent(${JSON.stringify(scriptFor(['--help']))}));`;
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
  expect(stdout).toContain('Usage: countersign');
  const loaded: string[] = JSON.parse(stderr);
  expect(loaded.filter((url) => url.includes('/cli/src/')).length).toBeGreaterThan(2);
  expect(loaded.filter((url) => /zod|packages.(client|protocol|evidence)/.test(url)).length).toBe(0);
});

test('the launcher answers --version by itself, with the version of its package', async () => {
  const root = new URL('../../../countersign/', import.meta.url);
  const { version } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));
  const launcher = new URL('bin/countersign.js', root);
  for (const flag of ['--version', '-V']) {
    const { stdout } = await promisify(execFile)(process.execPath, [launcher.pathname, flag]);
    expect(stdout).toBe(`${version}\n`);
  }
});
