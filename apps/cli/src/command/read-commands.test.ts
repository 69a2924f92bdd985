import { readFileSync } from 'node:fs';
import type { ActionAnswer } from '@countersign/protocol';
import { tempFolder } from '@countersign/testing';
import { expect, onTestFinished, test } from 'vitest';
import { runConsole } from '../fake-console/fake-console.ts';
import { startRouteServer } from '../fake-console/route-server.ts';
import { sampleAction, sampleIds } from '../fake-console/sample-operation.ts';

const artifact = {
  artifact_id: sampleIds.bundle,
  name: 'app.conf',
  media_type: 'text/plain',
  size_bytes: 8,
  sha256: 'x',
  truncated: false,
};
const answer = (change: Partial<ActionAnswer> = {}): ActionAnswer => ({
  request_id: 'id-1',
  op_id: sampleIds.op,
  run_id: 'r_1',
  status: 'succeeded',
  display: 'succeeded',
  summary: { lines: 1 },
  artifacts: [artifact],
  truncated: false,
  timeout_ms: 1,
  output_cap_bytes: 1,
  duration_ms: 1,
  verdict: null,
  diffs: [],
  checks: [],
  digest: null,
  failure: null,
  next: [],
  ...change,
});
const end = 'id: 9\ndata: {"type":"end","state":"succeeded"}\n\n';
const output = (id: number, text: string) =>
  `id: ${id}\ndata: ${JSON.stringify({ type: 'output', step: 0, channel: 'stdout', text, first_line: 0, line_count: 1 })}\n\n`;

async function read(words: string[], status: ActionAnswer, events: string) {
  const bodies: unknown[] = [];
  const server = await startRouteServer({
    actions: () => ({ actions: [{ ...sampleAction, name: 'repo.file', effect: 'read' }] }),
    actionExecute: ({ body }) => {
      bodies.push(body);
      return answer({ status: 'queued' });
    },
    actionStatus: () => status,
    opsEvents: () => events,
    artifact: () => 'limit=1\n',
  });
  onTestFinished(server.close);
  const cwd = tempFolder();
  const result = await runConsole(words, { cwd, env: { COUNTERSIGN_SERVER: server.url } });
  const localAudit = () => readFileSync(`${cwd}/data/local-audit.jsonl`);
  return { ...result, bodies, calls: server.calls, localAudit };
}

test('a read prints the one text it made; it is no mutation and asks nothing', async () => {
  const result = await read(['do', 'repo.file', '--env', 'dev', 'message=m'], answer(), end);
  expect([result.code, result.stdout]).toEqual([0, 'limit=1\n']);
  expect(result.bodies).toMatchObject([
    { action: 'repo.file', inputs: { message: 'm' }, environment: 'dev', request_id: 'id-1' },
  ]);
  expect(result.localAudit).toThrow('ENOENT');
});

test('output that came as a stream is printed once, as it came', async () => {
  const result = await read(['do', 'repo.file'], answer(), output(0, 'a\nb') + output(1, 'c\n') + end);
  expect(result.stdout).toBe('a\nbc\n');
  expect(result.calls).not.toContain('artifact');
});

test('with --json the answer is the one document; a failed read has its code’s exit', async () => {
  const failure = { code: 'E_TARGET_MISSING', message: 'no such file' };
  const result = await read(
    ['do', 'repo.file', '--json'],
    answer({ status: 'failed', artifacts: [], summary: null, failure }),
    end,
  );
  expect([result.code, JSON.parse(result.stdout).failure]).toEqual([1, failure]);
  expect(result.stderr).toContain('no such file');
});

test('logs prints what is there and stops; with --json one line an event', async () => {
  const events = output(0, 'a\n');
  const stored = `${events}event: caught_up\ndata: {"after":0}\n\n`;
  const printed = await read(['logs', sampleIds.op], answer(), stored);
  expect([printed.code, printed.stdout, printed.calls.filter((id) => id === 'opsEvents')]).toEqual([
    0,
    'a\n',
    ['opsEvents'],
  ]);
  const lines = (await read(['logs', '-f', sampleIds.op, '--json'], answer(), events + end)).stdout
    .trimEnd()
    .split('\n');
  expect(lines.map((line) => JSON.parse(line).id)).toEqual([0, 9]);
});
