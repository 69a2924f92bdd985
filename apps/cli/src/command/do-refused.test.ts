import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CodedError, OperationView } from '@countersign/protocol';
import { expect, onTestFinished, test } from 'vitest';
import { runConsole } from '../fake-console/fake-console.ts';
import { needsConfirm, playDo } from '../fake-console/play-do.ts';
import { sampleEnded, sampleOperation, sampleVerdict } from '../fake-console/sample-operation.ts';

test.each([
  ['denied', sampleOperation({ verdict: sampleVerdict('deny') }), 3],
  ['a failing check', sampleOperation({ checks: [{ id: 'c', status: 'fail', severity: 'error', message: 'no' }] }), 1],
  ['waiting, nobody to ask', needsConfirm, 5],
  ['allowed, nobody to ask', sampleOperation(), 5],
])('%s: nothing is run, one JSON document, exit code', async (_what, planned, code) => {
  const { run, server } = await playDo(onTestFinished, planned);
  const result = await run(['--json', '--no-input'], []);
  expect([result.code, result.questions]).toEqual([code, []]);
  expect(JSON.parse(result.stdout)).toBeTypeOf('object');
  expect(server.calls).toEqual(['actions', 'opsPlan']);
});

test('--json prints the ended operation alone on stdout and what was shown on stderr', async () => {
  const { run } = await playDo(onTestFinished, sampleOperation());
  const result = await run(['--json', '--yes']);
  expect(OperationView.parse(JSON.parse(result.stdout)).display).toBe('succeeded');
  expect(result.stderr).toContain('+limit=2');
});

test.each([
  ['E_PLAN_STALE', 4],
  ['E_VERIFY', 1],
])('a run that failed with %s exits %i', async (failure, code) => {
  const { run } = await playDo(onTestFinished, sampleOperation(), { opsGet: () => sampleEnded('failed', failure) });
  expect((await run(['--yes'])).code).toBe(code);
});

test('a refused start is written down as such', async () => {
  const refuse = () => {
    throw new CodedError('E_PLAN_STALE', 'moved on');
  };
  const { run, audit } = await playDo(onTestFinished, sampleOperation(), { opsExecute: refuse });
  expect((await run(['--yes'])).code).toBe(4);
  expect(audit().at(-1)).toEqual(['outcome', 'do', true, true, 'E_PLAN_STALE']);
});

test('CP-9: without a place for the local audit line the server is not asked to run', async () => {
  const { run, server, cwd } = await playDo(onTestFinished, sampleOperation());
  writeFileSync(join(cwd, 'data'), 'a file where the folder should be');
  const result = await run(['--yes']);
  expect([result.code, server.calls]).toEqual([1, ['actions', 'opsPlan']]);
  expect(result.stderr).toContain('the local audit file cannot be written');
});

test('a misspelt action, input or local file is usage: exit 2 before anything is proposed', async () => {
  const { server, cwd } = await playDo(onTestFinished, sampleOperation());
  const env = { COUNTERSIGN_SERVER: server.url };
  const commands = [
    ['repo.write_file'],
    ['repo.write_files', 'massage=x'],
    ['repo.write_files', '--write', 'a=@missing'],
  ];
  for (const command of commands) expect((await runConsole(['do', ...command], { cwd, env })).code).toBe(2);
  expect(server.calls).not.toContain('opsPlan');
});
