import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempFolder } from '@countersign/testing';
import { expect, onTestFinished, test } from 'vitest';
import { runConsole } from '../fake-console/fake-console.ts';
import { type RouteHandler, startRouteServer } from '../fake-console/route-server.ts';
import {
  sampleAction,
  sampleConfirmation,
  sampleEnded,
  sampleIds,
  sampleOperation,
  sampleVerdict,
} from '../fake-console/sample-operation.ts';

const { op, digest } = sampleIds;
const waiting = sampleOperation({
  verdict: sampleVerdict('needs', [{ kind: 'approve', count: 1 }]),
  next: [`countersign start ${op}`],
});

async function setUp() {
  const bodies: unknown[] = [];
  const keep: RouteHandler = ({ body }) => {
    bodies.push(body);
    return waiting;
  };
  const server = await startRouteServer({
    actions: () => ({ actions: [sampleAction] }),
    opsGet: () => waiting,
    opsPlan: keep,
    opsApprove: keep,
    opsReject: keep,
    opsCancel: keep,
    opsResolve: keep,
    opsConfirmation: () => sampleConfirmation(),
    opsConfirm: keep,
    opsRollback: keep,
    panicSet: ({ body }) => ({ on: body['on'] }),
  });
  onTestFinished(server.close);
  const cwd = tempFolder();
  const run = (words: string[], answers?: string[]) =>
    runConsole(words, { cwd, env: { COUNTERSIGN_SERVER: server.url }, ...(answers && { answers }) });
  const audit = () => {
    const lines = readFileSync(join(cwd, 'data/local-audit.jsonl'), 'utf8').trimEnd().split('\n');
    return lines.map((line) => `${JSON.parse(line).phase} ${JSON.parse(line).command}`);
  };
  return { run, bodies, server, cwd, audit };
}

test.each([
  [['approve', op, '--yes', '--comment', 'ok'], 'opsApprove', { digest, comment: 'ok' }],
  [['reject', op, '--reason', 'no'], 'opsReject', { reason: 'no' }],
  [['confirm', op, '--yes'], 'opsConfirm', { digest, confirmation: 'csc_sample' }],
  [['cancel', op, '--reason', 'r'], 'opsCancel', { reason: 'r' }],
  [['resolve', op, '--outcome', 'applied', '--reason', 'r'], 'opsResolve', { outcome: 'applied', reason: 'r' }],
] as const)('%j asks the server once, between two local audit lines', async (words, route, body) => {
  const { run, bodies, server, audit } = await setUp();
  const result = await run([...words, '--json']);
  expect([result.code, JSON.parse(result.stdout).op_id]).toEqual([0, op]);
  expect(bodies).toEqual([body]);
  expect(server.calls.at(-1)).toBe(route);
  expect(audit()).toEqual([`intent ${words[0]}`, `outcome ${words[0]}`]);
});

test('approve shows the plan with risk and target before the name must be typed', async () => {
  const { run, server } = await setUp();
  const refused = await run(['approve', op, '--no-color'], ['y']);
  expect([refused.code, server.calls]).toEqual([1, ['opsGet']]);
  expect(refused.stdout).toContain('+limit=2');
  expect(refused.stderr).toContain('risk medium, target sandbox/stage shop (repo)');
  expect((await run(['approve', op], ['shop'])).code).toBe(0);
});

test('where a fresh proof is wanted and there is none, nobody is asked and nothing is decided', async () => {
  const confirming = { verdict: sampleVerdict('needs', [{ kind: 'confirm' }]), step_up: 'needed' } as const;
  const server = await startRouteServer({ opsGet: () => sampleOperation(confirming) });
  onTestFinished(server.close);
  for (const command of ['approve', 'confirm', 'start']) {
    const result = await runConsole([command, op, '--yes', '--server', server.url], { cwd: tempFolder() });
    expect([result.code, result.stderr]).toEqual([3, expect.stringContaining('countersign step-up')]);
  }
  expect(new Set(server.calls)).toEqual(new Set(['opsGet']));
});

test('in the solo profile somebody approves their own proposal with the token that comes with its plan', async () => {
  const verdict = { ...sampleVerdict('needs', [{ kind: 'approve', count: 1 }]), profile: 'solo' } as const;
  const bodies: unknown[] = [];
  const own = sampleOperation({ verdict });
  const ask = async (root: string) => {
    const principal = {
      id: `person:${root}`,
      name: root,
      kind: 'person',
      role: 'admin',
      grants: [],
      groups: [],
      scopes: null,
    };
    const server = await startRouteServer({
      opsGet: () => own,
      whoami: () => ({ ...principal, root, ai: false }),
      opsConfirmation: () => sampleConfirmation(),
      opsApprove: ({ body }) => {
        bodies.push(body);
        return own;
      },
    });
    onTestFinished(server.close);
    await runConsole(['approve', op, '--yes', '--server', server.url], { cwd: tempFolder() });
  };
  await ask('admin');
  await ask('somebody-else');
  expect(bodies).toEqual([{ digest, confirmation: 'csc_sample' }, { digest }]);
});

test('nobody to ask: nothing is decided, exit 5; another digest than the pinned one: exit 4', async () => {
  const { run, bodies } = await setUp();
  expect((await run(['approve', op])).code).toBe(5);
  expect((await run(['confirm', op])).code).toBe(5);
  expect((await run(['approve', op, '--yes', '--digest', `sha256:${'0'.repeat(64)}`])).code).toBe(4);
  expect(bodies).toEqual([]);
});

test('start and rollback of what waits for an approval run nothing and exit 5', async () => {
  const { run, server } = await setUp();
  expect((await run(['start', op, '--yes'])).code).toBe(5);
  expect((await run(['rollback', op, '--yes'])).code).toBe(5);
  expect(server.calls).not.toContain('opsExecute');
});

test('what has no plan or has run already is not decided on again', async () => {
  const ended = sampleEnded('succeeded');
  const server = await startRouteServer({ opsGet: () => ended });
  onTestFinished(server.close);
  for (const command of ['approve', 'confirm', 'start']) {
    const result = await runConsole([command, op, '--yes', '--server', server.url], { cwd: tempFolder() });
    expect([result.code, result.stderr]).toEqual([1, expect.stringContaining('the operation is succeeded')]);
  }
  expect(new Set(server.calls)).toEqual(new Set(['opsGet']));
});

test('plan takes steps from a file, runs nothing, and names what is wrong in it', async () => {
  const { run, bodies, cwd } = await setUp();
  const steps = [{ action: 'repo.write_files', inputs: { message: 'm' } }];
  writeFileSync(join(cwd, 'steps.json'), JSON.stringify(steps));
  expect((await run(['plan', '--file', 'steps.json', '--target', 'shop', '--json'])).code).toBe(0);
  expect(bodies).toMatchObject([{ steps, target: 'shop' }]);
  writeFileSync(join(cwd, 'steps.json'), '[{"action":"x"}]');
  const wrong = await run(['plan', '--file', 'steps.json']);
  expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('step 0.')]);
  expect((await run(['plan'])).code).toBe(2);
});

test('panic is told and written down; the local chain verifies until a byte is changed', async () => {
  const { run, audit, cwd } = await setUp();
  expect((await run(['panic', 'on', '--reason', 'fire'])).stdout).toContain('Panic mode is on');
  expect(audit()).toEqual(['intent panic on', 'outcome panic on']);
  expect(await run(['audit', 'verify', '--local'])).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('2 entries'),
  });
  const path = join(cwd, 'data/local-audit.jsonl');
  writeFileSync(path, readFileSync(path, 'utf8').replace('panic on', 'panic of'));
  const tampered = await run(['audit', 'verify', '--local', '--json']);
  expect([tampered.code, JSON.parse(tampered.stdout).error.detail]).toEqual([1, { line: 1 }]);
});
