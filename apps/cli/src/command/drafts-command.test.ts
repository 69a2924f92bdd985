import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CodedError, type DraftView, type ErrorCode } from '@countersign/protocol';
import { tempFolder } from '@countersign/testing';
import { expect, onTestFinished, test } from 'vitest';
import { runConsole } from '../fake-console/fake-console.ts';
import { type RouteHandler, startRouteServer } from '../fake-console/route-server.ts';
import { sampleConfirmation, sampleIds, sampleOperation, sampleVerdict } from '../fake-console/sample-operation.ts';

const { op, digest } = sampleIds;
const waiting = sampleOperation({ verdict: sampleVerdict('needs', [{ kind: 'confirm' }]) });
const bits = '01HSFHKMR0S8T9Q7W3N5V1XYZ2';
const draft: DraftView = {
  id: `d_${bits}`,
  prompt: 'tidy up',
  context: {},
  content: 'tidy up',
  status: 'draft',
  created_at: 1,
  provider: null,
  command: null,
  op_id: op,
  kind: 'instruction',
  agent: null,
  target: waiting.target,
  steps: [{ action: 'agent.dispatch', inputs: { instruction: 'tidy up' } }],
  ai: false,
  revision: 3,
  digest,
  display: 'waiting_confirmation',
  error: null,
  next: [],
};
const approved = {
  id: `a_${bits}`,
  draft_id: draft.id,
  prompt: 'tidy up',
  approved_at: 2,
  approved_by: 'ada',
  context: {},
  op_id: op,
  kind: 'instruction',
  agent: null,
  target: waiting.target,
  digest,
  run_id: null,
};
const run = {
  id: `r_${bits}`,
  approved_id: approved.id,
  status: 'done',
  log: ['end: succeeded'],
  started_at: 3,
  ended_at: 4,
  created_at: 2,
  op_id: op,
  bundle_id: op,
  target: 'agent',
  display: 'succeeded',
  failure: null,
  detail: {},
};

async function setUp(handlers: Parameters<typeof startRouteServer>[0] = {}) {
  const bodies: unknown[] = [];
  const keep: RouteHandler = ({ body }) => {
    bodies.push(body);
    return draft;
  };
  const server = await startRouteServer({
    draftList: () => ({ drafts: [draft] }),
    draftGet: () => draft,
    draftCreate: keep,
    draftGenerate: keep,
    draftEdit: keep,
    draftReject: keep,
    draftApprove: ({ body }) => {
      bodies.push(body);
      return approved;
    },
    opsGet: () => waiting,
    approvedList: () => ({ approved: [approved] }),
    runList: () => ({ runs: [run] }),
    aliasRunGet: () => run,
    aliasProvider: () => ({ active: 'rules', providers: {} }),
    ...handlers,
  });
  onTestFinished(server.close);
  const cwd = tempFolder();
  const say = (words: string[], env: Record<string, string> = {}) =>
    runConsole(words, { cwd, env: { COUNTERSIGN_SERVER: server.url, ...env } });
  return { say, bodies, server, cwd };
}

/** What a route does that refuses. */
function refusal(code: ErrorCode, message: string): never {
  throw new CodedError(code, message, { next: 'look at it' });
}

/** An editor that replaces one text by another. */
function editorOf(cwd: string, from: string, to: string): string {
  const script = join(cwd, 'editor.mjs');
  const work = `readFileSync(file, 'utf8').replace(${JSON.stringify(from)}, ${JSON.stringify(to)})`;
  writeFileSync(
    script,
    `import { readFileSync, writeFileSync } from 'node:fs';\nconst file = process.argv.at(-1);\nwriteFileSync(file, ${work});\n`,
  );
  return `${process.execPath} ${script}`;
}

test('drafts ls and show say what waits', async () => {
  const { say } = await setUp();
  const listed = await say(['drafts', 'ls', '--json']);
  expect([listed.code, JSON.parse(listed.stdout)]).toEqual([0, { drafts: [draft] }]);
  const shown = await say(['drafts', 'show', draft.id]);
  expect(shown.stdout).toContain('tidy up');
  expect(shown.code).toBe(0);
});

test.each([
  [['new', 'tidy up', '--agent', 'bot'], 'draftCreate', { prompt: 'tidy up', agent: 'bot' }],
  [['new', 'tidy up', '--generate'], 'draftGenerate', { prompt: 'tidy up' }],
  [['approve', draft.id, '--yes', '--comment', 'ok'], 'draftApprove', { digest, comment: 'ok' }],
  [['reject', draft.id, '--reason', 'no'], 'draftReject', { reason: 'no' }],
] as const)('drafts %j asks the server once', async (words, route, body) => {
  const { say, bodies, server } = await setUp();
  const result = await say(['drafts', ...words, '--json']);
  expect(result.code).toBe(0);
  expect(bodies).toEqual([expect.objectContaining(body)]);
  expect(server.calls.filter((call) => call === route).length).toBe(1);
});

test('a draft whose provider failed shows why, and leaves exit 1', async () => {
  const failed = { ...draft, status: 'error', error: { code: 'E_PROVIDER_TIMEOUT', message: 'too slow' } };
  const { say } = await setUp({ draftGet: () => failed });
  const shown = await say(['drafts', 'show', draft.id]);
  expect([shown.code, shown.stdout]).toEqual([1, expect.stringContaining('E_PROVIDER_TIMEOUT: too slow')]);
});

test('edit opens the instruction in the editor and sends it with the revision that was read', async () => {
  const { say, bodies, cwd } = await setUp();
  const result = await say(['edit', draft.id], { EDITOR: editorOf(cwd, 'tidy', 'clean') });
  expect(result.code).toBe(0);
  expect(bodies).toEqual([{ content: 'clean up', revision: 3 }]);
});

test('edit opens typed steps as YAML, and takes nothing else back', async () => {
  const steps = [{ action: 'repo.revert', inputs: { commit: 'aaa' } }];
  const { say, bodies, cwd } = await setUp({ draftGet: () => ({ ...draft, kind: 'steps', steps }) });
  await say(['edit', draft.id], { EDITOR: editorOf(cwd, 'aaa', 'bbb') });
  expect(bodies).toEqual([{ steps: [{ action: 'repo.revert', inputs: { commit: 'bbb' } }], revision: 3 }]);
  const broken = await say(['edit', draft.id], { EDITOR: editorOf(cwd, 'inputs:', 'inputs: [') });
  expect([broken.code, broken.stderr]).toEqual([2, expect.stringContaining('no YAML in line')]);
  expect(bodies.length).toBe(1);
});

test('edit changes nothing where nothing was changed, the editor failed, or somebody was faster', async () => {
  const moved = () => {
    throw new CodedError('E_REVISION', 'the operation is at revision 4, not 3', { next: 'read it again' });
  };
  const { say, bodies, cwd } = await setUp({ draftEdit: moved });
  const same = await say(['edit', draft.id], { EDITOR: editorOf(cwd, 'tidy', 'tidy') });
  expect([same.code, same.stderr]).toEqual([0, expect.stringContaining('Nothing was changed')]);
  const none = await say(['edit', draft.id], { EDITOR: 'no-such-editor-anywhere' });
  expect([none.code, none.stderr]).toEqual([2, expect.stringContaining('cannot be started')]);
  const late = await say(['edit', draft.id], { EDITOR: editorOf(cwd, 'tidy', 'clean') });
  expect([late.code, late.stderr]).toEqual([4, expect.stringContaining('revision 4')]);
  expect(bodies).toEqual([]);
});

test('export writes the layout of the source, without a task list where there is none (OR-4)', async () => {
  const { say, cwd } = await setUp();
  const result = await say(['export', 'out']);
  expect([result.code, result.stderr]).toEqual([0, '4 files\n']);
  const names = readdirSync(join(cwd, 'out'), { recursive: true, encoding: 'utf8' }).sort();
  expect(names).toEqual([
    'approved',
    `approved/a_${bits}.json`,
    'drafts',
    `drafts/d_${bits}.json`,
    'provider.json',
    'runs',
    `runs/r_${bits}.json`,
  ]);
  const written = JSON.parse(readFileSync(join(cwd, `out/runs/r_${bits}.json`), 'utf8'));
  expect(written).toEqual(run);
});

test("one's own typed steps are confirmed with the one-time token, without another command", async () => {
  const told: unknown[] = [];
  const steps = { ...draft, kind: 'steps', steps: [{ action: 'repo.revert', inputs: { commit: 'aaa' } }] };
  const { say, server } = await setUp({
    draftGet: () => steps,
    draftApprove: () =>
      refusal('E_CONFIRMATION_INVALID', 'typed steps of your own are confirmed with a one-time token'),
    opsConfirmation: sampleConfirmation,
    opsConfirm: ({ body }) => {
      told.push(body);
      return waiting;
    },
    approvedGet: () => ({ ...approved, kind: 'steps' }),
  });
  const result = await say(['drafts', 'approve', draft.id, '--yes', '--comment', 'ok']);
  expect([result.code, result.stderr]).toEqual([0, expect.stringContaining(`next: countersign start ${op}`)]);
  expect(told).toEqual([{ digest, confirmation: sampleConfirmation().confirmation, comment: 'ok' }]);
  expect(server.calls.filter((call) => call === 'opsConfirmation').length).toBe(1);
});

test('where others still have to approve, what is confirmed says who is waited for', async () => {
  const { say } = await setUp({
    draftApprove: () =>
      refusal('E_CONFIRMATION_INVALID', 'typed steps of your own are confirmed with a one-time token'),
    opsConfirmation: sampleConfirmation,
    opsConfirm: () => waiting,
    approvedGet: () => refusal('E_NOT_FOUND', 'nothing was approved'),
    draftGet: () => ({ ...draft, next: ['countersign show x'] }),
  });
  const result = await say(['drafts', 'approve', draft.id, '--yes']);
  expect([result.code, result.stderr]).toEqual([5, expect.stringContaining('next: countersign show x')]);
});

test('every other refusal of an approval stays one', async () => {
  const { say, server } = await setUp({ draftApprove: () => refusal('E_ALREADY_DECIDED', 'decided already') });
  const result = await say(['drafts', 'approve', draft.id, '--yes']);
  expect(result.stderr).toContain('decided already');
  expect(result.code).not.toBe(0);
  expect(server.calls).not.toContain('opsConfirmation');
});
