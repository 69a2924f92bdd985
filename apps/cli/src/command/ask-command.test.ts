import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PlannedActionView, PlanPromptView, RouteId } from '@countersign/protocol';
import { expect, onTestFinished, test } from 'vitest';
import { type ConsoleResult, runConsole } from '../fake-console/fake-console.ts';
import { type RouteHandler, startRouteServer } from '../fake-console/route-server.ts';
import {
  sampleConfirmation,
  sampleEnded,
  sampleIds,
  sampleOperation,
  sampleVerdict,
} from '../fake-console/sample-operation.ts';

const { target } = sampleOperation();

function action(change: Partial<PlannedActionView> = {}): PlannedActionView {
  return {
    provider: 'repo',
    action: 'repo.write_files',
    params: { files: [{ path: 'a.txt', delete: true }], message: 'm' },
    client_request_id: '019a0000-0000-7000-8000-0000000000c1',
    target,
    resolved: [{ field: 'target', said: 'stage', meant: 'shop', by: 'alias' }],
    effect: 'write',
    risk: 'medium',
    verdict: sampleVerdict('needs', [{ kind: 'confirm' }]),
    ...change,
  };
}

function view(change: Partial<PlanPromptView> = {}): PlanPromptView {
  return {
    plan_id: '019a0000-0000-7000-8000-0000000000a1',
    kind: 'plan',
    plan: { intent: 'Write files', confidence: 0.98, actions: [action()] },
    planned_by: {
      plan_id: '019a0000-0000-7000-8000-0000000000a1',
      planner: 'rules',
      provider: 'rules',
      model: 'rules',
    },
    meta: {
      ...{
        planner: 'rules',
        provider: 'rules',
        model: 'rules',
        duration: 0.01,
        tokens_in: 0,
        tokens_out: 0,
        cost: null,
      },
      detail: {},
    },
    ...change,
  };
}

const clarify = view({
  kind: 'clarify',
  plan: {
    ...{ intent: 'Write files', confidence: 0.5, actions: [] },
    clarify: {
      question: 'Which target?',
      options: [
        { label: 'shop', prompt: 'delete a.txt on shop' },
        { label: 'blog', prompt: 'delete a.txt on blog' },
      ],
    },
  },
});

const needsConfirm = sampleOperation({ verdict: sampleVerdict('needs', [{ kind: 'confirm' }]) });

/** Plays `countersign ask` against a server that gives these answers to sentences in turn. */
async function playAsk(views: readonly PlanPromptView[], handlers: Partial<Record<RouteId, RouteHandler>> = {}) {
  const left = [...views];
  const asked: unknown[] = [];
  const proposed: Record<string, unknown>[] = [];
  const server = await startRouteServer({
    planPrompt: ({ body }) => {
      asked.push(body['prompt']);
      return left.shift();
    },
    opsPlan: ({ body }) => {
      proposed.push(body);
      return needsConfirm;
    },
    opsConfirmation: () => sampleConfirmation(),
    opsConfirm: () => sampleOperation(),
    opsExecute: () => ({ op_id: sampleIds.op, bundle_id: sampleIds.bundle, status: 'running', run_id: 'r_1' }),
    opsEvents: () => `id: 1\ndata: ${JSON.stringify({ type: 'end', state: 'succeeded' })}\n\n`,
    opsGet: () => sampleEnded('succeeded'),
    ...handlers,
  });
  onTestFinished(server.close);
  const cwd = mkdtempSync(join(tmpdir(), 'countersign-ask-'));
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }));
  const run = (extra: readonly string[], answers?: readonly (string | null)[]): Promise<ConsoleResult> =>
    runConsole(['ask', 'delete', 'a.txt', ...extra], {
      ...{ cwd, env: { COUNTERSIGN_SERVER: server.url } },
      ...(answers === undefined ? {} : { answers }),
    });
  return { run, asked, proposed, calls: server.calls };
}

test('DO-13, DO-16: asks back, takes the chosen answer as the next sentence, shows what was read as what, confirms and runs', async () => {
  const { run, asked, proposed, calls } = await playAsk([clarify, view()]);
  const result = await run(['--no-color'], ['2', 'shop']);
  expect(result.code, result.stderr).toBe(0);
  expect(asked).toEqual(['delete a.txt', 'delete a.txt on blog']);
  expect(result.questions).toEqual(['1-2, or say it in other words: ', "Type the target's name (shop) to confirm: "]);
  expect(result.stderr).toContain('  2  blog  delete a.txt on blog');
  expect(result.stdout).toContain('1 target: "stage" -> shop (by another name)');
  expect(result.stdout).toContain('98 % sure');
  expect(proposed).toMatchObject([
    {
      target: 'shop',
      note: 'delete a.txt on blog',
      planned_by: { planner: 'rules' },
      steps: [{ action: 'repo.write_files' }],
    },
  ]);
  expect(calls).toContain('opsExecute');
  expect(result.stdout).toContain(`bundle ${sampleIds.bundle}`);
});

test('other words instead of a number are a new sentence; an empty answer ends with nothing proposed', async () => {
  const other = await playAsk([clarify, clarify]);
  expect((await other.run([], ['delete b.txt on shop', ''])).code).toBe(1);
  expect(other.asked).toEqual(['delete a.txt', 'delete b.txt on shop']);
  expect(other.proposed).toEqual([]);
});

test('DO-13: where nobody can be asked a question exits 2 with its answers as a document, also with --yes', async () => {
  const { run, calls } = await playAsk([clarify]);
  const result = await run(['--json', '--no-input', '--yes']);
  expect(result.code).toBe(2);
  expect(JSON.parse(result.stdout)).toMatchObject({
    kind: 'clarify',
    plan: { clarify: { options: [{ label: 'shop' }, {}] } },
  });
  expect(calls).toEqual(['planPrompt']);
});

test('a refusal is told with its reason and its code; a code of the registry keeps its exit code', async () => {
  const refused = (code: string) =>
    view({
      kind: 'refuse',
      plan: { intent: 'refuse', confidence: 0, actions: [], refusal: { code, reason: 'Not so.' } },
    });
  const own = await (await playAsk([refused('everything')])).run(['--no-color']);
  expect([own.code, own.stderr]).toEqual([2, 'Refused: Not so. (everything)\nNothing was proposed.\n']);
  expect((await (await playAsk([refused('E_POLICY_DENIED')])).run([])).code).toBe(3);
});

test('changes of one target are one operation, others follow, and the first that stops is where it ends', async () => {
  const blog = { ...target, name: 'blog' };
  const actions = [action(), action(), action({ target: blog }), action({ action: 'repo.revert', target: blog })];
  const planned = view({ plan: { intent: 'Write files', confidence: 1, actions } });
  const whole = await playAsk([planned]);
  expect((await whole.run(['--yes'])).code).toBe(0);
  expect(whole.proposed).toMatchObject([
    { target: 'shop', steps: [{}, {}] },
    { target: 'blog', steps: [{}, { action: 'repo.revert' }] },
  ]);
  const waits = sampleOperation({ verdict: sampleVerdict('needs', [{ kind: 'approve', count: 1 }]) });
  const stopped = await playAsk([planned], { opsPlan: () => waits });
  const result = await stopped.run(['--yes']);
  expect(result.code).toBe(5);
  expect(result.stderr).toContain('not proposed: repo.revert on blog');
  expect(stopped.calls.filter((call) => call === 'opsPlan')).toHaveLength(1);
});

test('what could not be looked at is told beside the plan', async () => {
  const detail = { unread: [{ target: 'docks', reason: 'it did not answer' }] };
  const { run } = await playAsk([view({ meta: { ...view().meta, detail } })]);
  const { stderr } = await run(['--yes']);
  expect(stderr).toContain('could not look at');
  expect(stderr).toContain('docks');
});
