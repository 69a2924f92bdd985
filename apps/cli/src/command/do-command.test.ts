import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CodedError, OperationView, type RouteId } from '@countersign/protocol';
import { tempFolder } from '@countersign/testing';
import { expect, onTestFinished, test } from 'vitest';
import { runConsole } from '../fake-console/fake-console.ts';
import { type RouteHandler, startRouteServer } from '../fake-console/route-server.ts';
import {
  sampleAction,
  sampleEnded,
  sampleIds,
  sampleOperation,
  sampleVerdict,
} from '../fake-console/sample-operation.ts';

const words = ['do', 'repo.write_files', '--env', 'stage', '--write', 'app.conf=limit=2', '-m', 'raise'];
const needsConfirm = sampleOperation({ verdict: sampleVerdict('needs', [{ kind: 'confirm' }]) });
const events = [
  { type: 'state', subject: 'run', state: 'running' },
  { type: 'output', step: 0, channel: 'stdout', text: 'half\u001b', first_line: 0, line_count: 1 },
  { type: 'output', step: 0, channel: 'stdout', text: ' line\n', first_line: 0, line_count: 1 },
  { type: 'end', state: 'succeeded' },
];
const sse = events.map((event, id) => `id: ${id}\ndata: ${JSON.stringify(event)}\n\n`).join('');

async function play(planned: OperationView, handlers: Partial<Record<RouteId, RouteHandler>> = {}) {
  const bodies: Record<string, unknown> = {};
  const keep =
    (name: string, value: unknown): RouteHandler =>
    ({ body }) => {
      bodies[name] = body;
      return value;
    };
  const server = await startRouteServer({
    actions: () => ({ actions: [sampleAction] }),
    opsPlan: keep('plan', planned),
    opsConfirm: keep('confirm', sampleOperation()),
    opsExecute: keep('execute', { op_id: sampleIds.op, bundle_id: sampleIds.bundle, status: 'running', run_id: 'r_1' }),
    opsEvents: () => sse,
    opsGet: () => sampleEnded('succeeded'),
    ...handlers,
  });
  onTestFinished(server.close);
  const cwd = tempFolder();
  const env = { COUNTERSIGN_SERVER: server.url };
  const audit = () =>
    readFileSync(join(cwd, 'data/local-audit.jsonl'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => {
        const { phase, command, digest, outcome, bundle_id: bundle } = JSON.parse(line);
        return [phase, command, digest === sampleIds.digest, bundle === sampleIds.bundle, outcome];
      });
  return {
    server,
    bodies,
    cwd,
    audit,
    run: (extra: string[], answers?: (string | null)[]) =>
      runConsole([...words, ...extra], { cwd, env, ...(answers && { answers }) }),
  };
}

test('allowed: shows the plan, asks, runs exactly the shown digest, follows, tells bundle and next commands', async () => {
  const { run, bodies, server, audit } = await play(sampleOperation());
  const result = await run([], ['y']);
  expect(result.code).toBe(0);
  expect(result.questions).toEqual(['Run this? [y/N] ']);
  expect(bodies['plan']).toMatchObject({
    environment: 'stage',
    steps: [
      { action: 'repo.write_files', inputs: { files: [{ path: 'app.conf', content: 'limit=2' }], message: 'raise' } },
    ],
  });
  expect(bodies['execute']).toMatchObject({ op_id: sampleIds.op, digest: sampleIds.digest });
  expect(server.calls).toEqual(['actions', 'opsPlan', 'opsExecute', 'opsEvents', 'opsGet']);
  for (const part of [
    '-limit=1',
    '+limit=2',
    'pass',
    'not possible',
    'half\\u{001B} line\n',
    `bundle ${sampleIds.bundle}`,
  ]) {
    expect(result.stdout).toContain(part);
  }
  expect(result.stderr).toContain('target');
  expect(result.stderr).toContain(`countersign evidence get ${sampleIds.bundle}`);
  expect(audit()).toEqual([
    ['intent', 'do', true, true, 'asked'],
    ['outcome', 'do', true, true, 'started r_1'],
    ['outcome', 'do', true, true, 'succeeded'],
  ]);
});

test('risk and exact target stand before the question', async () => {
  const { run } = await play(sampleOperation({ risk: 'high', effect: 'destructive' }));
  const { stderr } = await run(['--no-color'], ['n']);
  expect(stderr).toContain('risk high, destructive, target sandbox/stage shop (repo)');
});

test('no to the question runs nothing and writes no audit line', async () => {
  const { run, server, audit } = await play(sampleOperation());
  expect((await run([], ['n'])).code).toBe(1);
  expect(server.calls).not.toContain('opsExecute');
  expect(audit).toThrow('ENOENT');
});

test('needs confirmation: the target’s name must be typed; anything else confirms nothing', async () => {
  const refused = await play(needsConfirm);
  expect((await refused.run([], ['yes'])).code).toBe(1);
  expect(refused.server.calls).not.toContain('opsConfirm');
  const confirmed = await play(needsConfirm);
  const result = await confirmed.run([], ['shop']);
  expect(result.code).toBe(0);
  expect(confirmed.bodies['confirm']).toEqual({ digest: sampleIds.digest });
  expect(confirmed.server.calls.slice(1, 4)).toEqual(['opsPlan', 'opsConfirm', 'opsExecute']);
});

test('needs approval: says who must do what and exits 5', async () => {
  const { run, server } = await play(
    sampleOperation({ verdict: sampleVerdict('needs', [{ kind: 'approve', count: 1 }]) }),
  );
  const result = await run(['--yes']);
  expect(result.code).toBe(5);
  expect(result.stderr).toContain('a person other than admin, with role approver, must approve');
  expect(result.stderr).toContain(`countersign approve ${sampleIds.op}`);
  expect(server.calls).toEqual(['actions', 'opsPlan']);
});

test('a plan that became allowed only in part is not run after confirmation', async () => {
  const both = [{ kind: 'confirm' }, { kind: 'approve', count: 1 }] as const;
  const approve = sampleOperation({ verdict: sampleVerdict('needs', [both[1]]) });
  const { run, server } = await play(sampleOperation({ verdict: sampleVerdict('needs', [...both]) }), {
    opsConfirm: () => approve,
  });
  expect((await run(['--yes'])).code).toBe(5);
  expect(server.calls).toEqual(['actions', 'opsPlan', 'opsConfirm']);
});

test.each([
  ['denied', sampleOperation({ verdict: sampleVerdict('deny') }), 3],
  ['a failing check', sampleOperation({ checks: [{ id: 'c', status: 'fail', severity: 'error', message: 'no' }] }), 1],
  ['waiting, nobody to ask', needsConfirm, 5],
  ['allowed, nobody to ask', sampleOperation(), 5],
])('%s: nothing is run, one JSON document, exit code', async (_what, planned, code) => {
  const { run, server } = await play(planned);
  const result = await run(['--json', '--no-input'], []);
  expect([result.code, result.questions]).toEqual([code, []]);
  expect(JSON.parse(result.stdout)).toBeTypeOf('object');
  expect(server.calls).toEqual(['actions', 'opsPlan']);
});

test('--json prints the ended operation alone on stdout and what was shown on stderr', async () => {
  const { run } = await play(sampleOperation());
  const result = await run(['--json', '--yes']);
  expect(OperationView.parse(JSON.parse(result.stdout)).display).toBe('succeeded');
  expect(result.stderr).toContain('+limit=2');
});

test.each([
  ['E_PLAN_STALE', 4],
  ['E_VERIFY', 1],
])('a run that failed with %s exits %i', async (failure, code) => {
  const { run } = await play(sampleOperation(), { opsGet: () => sampleEnded('failed', failure) });
  expect((await run(['--yes'])).code).toBe(code);
});

test('a refused start is written down as such', async () => {
  const refuse = () => {
    throw new CodedError('E_PLAN_STALE', 'moved on');
  };
  const { run, audit } = await play(sampleOperation(), { opsExecute: refuse });
  expect((await run(['--yes'])).code).toBe(4);
  expect(audit().at(-1)).toEqual(['outcome', 'do', true, true, 'E_PLAN_STALE']);
});

test('without a place for the local audit line the server is not asked to run', async () => {
  const { run, server, cwd } = await play(sampleOperation());
  writeFileSync(join(cwd, 'data'), 'a file where the folder should be');
  const result = await run(['--yes']);
  expect([result.code, server.calls]).toEqual([1, ['actions', 'opsPlan']]);
  expect(result.stderr).toContain('the local audit file cannot be written');
});

test('a misspelt action, input or local file is usage: exit 2 before anything is proposed', async () => {
  const { server, cwd } = await play(sampleOperation());
  const env = { COUNTERSIGN_SERVER: server.url };
  const commands = [
    ['repo.write_file'],
    ['repo.write_files', 'massage=x'],
    ['repo.write_files', '--write', 'a=@missing'],
  ];
  for (const command of commands) expect((await runConsole(['do', ...command], { cwd, env })).code).toBe(2);
  expect(server.calls).not.toContain('opsPlan');
});
