import { expect, onTestFinished, test } from 'vitest';
import { needsConfirm, playDo } from '../fake-console/play-do.ts';
import { sampleIds, sampleOperation, sampleVerdict } from '../fake-console/sample-operation.ts';

test('CP-9, DO-16: allowed: shows the plan, asks, runs exactly the shown digest, follows, tells bundle and next commands', async () => {
  const { run, bodies, server, audit } = await playDo(onTestFinished, sampleOperation());
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

test('DO-11: risk and exact target stand before the question', async () => {
  const { run } = await playDo(onTestFinished, sampleOperation({ risk: 'high', effect: 'destructive' }));
  const { stderr } = await run(['--no-color'], ['n']);
  expect(stderr).toContain('risk high, destructive, target sandbox/stage shop (repo)');
});

test('no to the question runs nothing and writes no audit line', async () => {
  const { run, server, audit } = await playDo(onTestFinished, sampleOperation());
  expect((await run([], ['n'])).code).toBe(1);
  expect(server.calls).not.toContain('opsExecute');
  expect(audit).toThrow('ENOENT');
});

test('DO-11: needs confirmation: the target’s name must be typed; anything else confirms nothing', async () => {
  const refused = await playDo(onTestFinished, needsConfirm);
  expect((await refused.run([], ['yes'])).code).toBe(1);
  expect(refused.server.calls).not.toContain('opsConfirm');
  const confirmed = await playDo(onTestFinished, needsConfirm);
  const result = await confirmed.run([], ['shop']);
  expect(result.code).toBe(0);
  expect(confirmed.bodies['confirm']).toEqual({ digest: sampleIds.digest, confirmation: 'csc_sample' });
  expect(confirmed.server.calls.slice(1, 5)).toEqual(['opsPlan', 'opsConfirmation', 'opsConfirm', 'opsExecute']);
});

test('needs approval: says who must do what and exits 5', async () => {
  const { run, server } = await playDo(
    onTestFinished,
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
  const { run, server } = await playDo(
    onTestFinished,
    sampleOperation({ verdict: sampleVerdict('needs', [...both]) }),
    {
      opsConfirm: () => approve,
    },
  );
  expect((await run(['--yes'])).code).toBe(5);
  expect(server.calls).toEqual(['actions', 'opsPlan', 'opsConfirmation', 'opsConfirm']);
});
