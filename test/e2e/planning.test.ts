import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Plan2View, SourceProviderView } from '@countersign/protocol';
import { makeTempFolder, runCountersign, waitUntil } from '@countersign/testing';
import { type ScriptedModels, startModels } from '@countersign/testing/models';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { auditEntries } from './harness/audit.ts';
import { type Stage, withPeople } from './harness/describe-server.ts';
import { type Dialect, openServer } from './harness/open-server.ts';
import { send } from './harness/send.ts';

const key = 'sk-canary-planning-0123456789';
const keyVariable = `\${MODEL_KEY}`;
const sentence = 'in dev add docs/hello.md that says hello';
const answerWith = (steps: object[]) =>
  JSON.stringify({
    kind: 'plan',
    intent: 'add a file',
    confidence: 0.9,
    steps,
    question: null,
    choices: [],
    refusal: null,
  });
const writeStep = (path: string, target = 'shop-dev') => ({
  action: 'repo.write_files',
  target,
  inputs: { files: [{ path, content: 'hello\n' }], executable: null, message: 'Add hello', branch: null },
});
const good = answerWith([writeStep('docs/hello.md')]);

let models: ScriptedModels;
const folder = makeTempFolder();
const file = join(folder.path, 'provider.json');
beforeAll(async () => {
  models = await startModels();
});
afterAll(async () => {
  await models.stop();
  folder.remove();
});

function providersAs(active: string, change: object = {}): string {
  return JSON.stringify({
    active,
    providers: {
      local: {
        type: 'openai_compat',
        base_url: `${models.url}/v1`,
        model: 'scripted-1',
        api_key: keyVariable,
        ...change,
      },
      claude: { type: 'anthropic', base_url: `${models.url}/v1`, model: 'scripted-1', api_key: keyVariable },
      gemini: { type: 'gemini', base_url: `${models.url}/v1beta`, model: 'scripted-1', api_key: keyVariable },
      offline: { type: 'openai_compat', base_url: 'http://127.0.0.1:9/v1', model: 'scripted-1', api_key: null },
    },
  });
}
/** As an editor writes a file: whole, in the place of the one before. */
function write(text: string): void {
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}

describe.each<Dialect>(['sqlite', 'postgres'])('planning by a model [%s]', (dialect) => {
  let stage: Stage;
  beforeAll(async () => {
    write(providersAs('local'));
    const config = { providers: { file, max_tokens_per_minute: 60_000, timeout_seconds: 5 } };
    stage = await withPeople(await openServer(dialect, { config, env: { MODEL_KEY: key } }));
  });
  afterAll(() => stage.close());

  it('a sentence becomes a plan by every wire format, and a person confirms what a model wrote, in dev too (IP-1, OA-2)', async () => {
    const { alice, admin } = stage;
    const plans = [];
    for (const active of ['local', 'claude', 'gemini']) {
      models.answer(() => ({ text: good, tokensIn: 150, tokensOut: 40 }));
      expect(await admin.client.call('providerSwitch', { body: { active } })).toMatchObject({ active });
      plans.push(await alice.client.call('planPrompt', { body: { prompt: sentence } }));
    }
    for (const { plan, meta } of plans) {
      expect(plan).toMatchObject({
        intent: 'add_a_file',
        actions: [
          {
            provider: 'repo',
            action: 'repo.write_files',
            params: { files: [{ path: 'docs/hello.md', content: 'hello\n' }], message: 'Add hello' },
            target: { name: 'shop-dev' },
            verdict: { decision: 'needs', obligations: [{ kind: 'confirm' }] },
          },
        ],
      });
      expect(meta).toMatchObject({ planner: 'model', model: 'scripted-1', tokens_in: 150, tokens_out: 40 });
    }
    const [first] = plans;
    if (first === undefined) throw new Error('no plan');
    const steps = first.plan.actions.map(({ action, params }) => ({ action, inputs: params }));
    const body = { target: 'shop-dev', steps, start: 'when_allowed' as const };
    const byModel = await alice.client.call('opsPlan', { body: { ...body, planned_by: first.planned_by } });
    expect(byModel).toMatchObject({
      display: 'waiting_confirmation',
      requester: { name: 'alice', ai: true },
      planned_by: { planner: 'model', plan_id: first.plan_id },
      run: null,
    });
  });

  it("POST /ai/plan2 answers in the source's words and no others (IP-1, IP-3)", async () => {
    models.answer(() => ({ text: good, tokensIn: 150, tokensOut: 40 }));
    const headers = { authorization: `Bearer ${stage.alice.token}`, 'content-type': 'application/json' };
    const ask = async (body: unknown) => {
      const response = await send(stage.url, { method: 'POST', path: '/ai/plan2', headers, body });
      return Plan2View.parse(await response.json());
    };
    const { plan, meta } = await ask({ prompt: sentence });
    expect(Object.keys(plan).sort()).toEqual(['actions', 'confidence', 'intent']);
    expect(Object.keys(meta).sort()).toEqual(['duration', 'model', 'tokens_in', 'tokens_out']);
    expect(Object.keys(plan.actions[0] ?? {}).sort()).toEqual(['action', 'client_request_id', 'params', 'provider']);
    // The source's own pair: handed in as it was answered, with no word of who planned it, it is a model's all the same.
    const body = {
      actions: plan.actions.map((each) => ({ ...each, environment: 'dev' })),
      workspace_id: 'shop',
      actor_id: 'alice',
    };
    const taken = await send(stage.url, { method: 'POST', path: '/ai/execute', headers, body });
    const { job_ids: ids } = z.strictObject({ job_ids: z.array(z.uuid()).length(1) }).parse(await taken.json());
    const params = { op_id: ids[0] ?? '' };
    const planned = await waitUntil('the plan is there', async () => {
      const view = await stage.alice.client.call('opsGet', { params });
      return view.state === 'planned' && view;
    });
    expect([planned.display, planned.requester.ai, planned.run]).toEqual(['waiting_confirmation', true, null]);
    expect(planned.planned_by).toMatchObject({ planner: 'model' });
    models.answer(() => ({ text: answerWith([writeStep('evil.txt')]), tokensIn: 1, tokensOut: 1 }));
    const asked = await ask({ prompt: sentence });
    expect(asked.plan).toMatchObject({ actions: [], clarify: { question: expect.any(String), options: [] } });
    expect(JSON.stringify(asked)).not.toContain('evil');
  });

  it("/ops/provider is the source's file without keys; a switch there is one (OR-5)", async () => {
    const headers = { authorization: `Bearer ${stage.admin.token}`, 'content-type': 'application/json' };
    const shown = await (await send(stage.url, { method: 'GET', path: '/ops/provider', headers })).text();
    expect(SourceProviderView.parse(JSON.parse(shown)).providers['local']).toEqual({
      type: 'openai_compat',
      base_url: `${models.url}/v1`,
      model: 'scripted-1',
    });
    const body = { active: 'rules' };
    const put = await send(stage.url, { method: 'PUT', path: '/ops/provider', headers, body });
    expect(SourceProviderView.parse(await put.json()).active).toBe('rules');
    const { meta } = await stage.alice.client.call('planPrompt', { body: { prompt: 'status of shop-dev' } });
    expect(meta).toMatchObject({ planner: 'rules', tokens_in: 0, tokens_out: 0 });
  });

  it('an edit of the file is taken over while the server runs; one that is not valid leaves the old set (OR-5)', async () => {
    const list = () => stage.admin.client.call('providerList');
    write(providersAs('claude', { model: 'scripted-2' }));
    await waitUntil('the edit is taken over', async () => (await list()).active === 'claude');
    expect((await list()).providers.find(({ name }) => name === 'local')?.model).toBe('scripted-2');
    write('{ "active": "nobody", "providers": {} }');
    await waitUntil('the fault is told', async () => (await list()).faults.length > 0);
    expect(await list()).toMatchObject({ active: 'claude', faults: [{ problem: expect.stringContaining('nobody') }] });
    write(providersAs('local'));
    await waitUntil('the old file is back', async () => (await list()).active === 'local');
    expect((await list()).faults).toEqual([]);
    const events = (await auditEntries(stage, {})).map(({ event }) => event);
    for (const event of ['provider.switched', 'provider.changed', 'provider.refused']) expect(events).toContain(event);
  });

  it('an offline provider is a clear error and nothing else stops (OR-5)', async () => {
    const { admin, alice } = stage;
    await admin.client.call('providerSwitch', { body: { active: 'offline' } });
    await expect(alice.client.call('planPrompt', { body: { prompt: sentence } })).rejects.toMatchObject({
      code: 'E_PROVIDER_UNAVAILABLE',
      message: expect.stringContaining('127.0.0.1:9'),
    });
    expect(await admin.client.call('providerTest', { params: { name: 'offline' }, body: {} })).toMatchObject({
      ok: false,
      error: { code: 'E_PROVIDER_UNAVAILABLE', next: expect.any(String) },
    });
    expect((await alice.client.call('targets')).targets.length).toBeGreaterThan(2);
    models.answer(() => ({ text: 'x' }));
    expect(await admin.client.call('providerTest', { params: { name: 'local' }, body: {} })).toMatchObject({
      ok: true,
    });
    await admin.client.call('providerSwitch', { body: { active: 'local' } });
  });

  it('whoever may not reach a target is offered none of it, and the model is never told of it', async () => {
    const grants = [{ role: 'actions' as const, project: 'shop', environment: 'stage' }];
    const only = await stage.bearer({ name: 'stella', kind: 'person', grants });
    models.answer(() => ({ text: good, tokensIn: 1, tokensOut: 1 }));
    const before = models.requests().length;
    await expect(only.client.call('planPrompt', { body: { prompt: sentence } })).rejects.toMatchObject({
      code: 'E_PROVIDER_INVALID_OUTPUT',
    });
    const sent = models.requests().slice(before);
    expect(sent, 'once, and once more to mend it').toHaveLength(2);
    expect(JSON.stringify(sent.map(({ body }) => body))).not.toContain('shop-dev');
  });

  it('what planners and models do is counted, and neither key nor sentence is in the log or the metrics (IP-9)', async () => {
    const metrics = await stage.admin.client.call('metrics');
    expect(metrics).toMatch(/countersign_planner_requests_total\{planner="model",status="planned"\} [4-9]/);
    expect(metrics).toMatch(/countersign_planner_requests_total\{planner="model",status="failed"\} [1-9]/);
    expect(metrics).toMatch(/countersign_planner_seconds_count\{planner="model",status="planned"\} [4-9]/);
    expect(metrics).toMatch(/countersign_model_tokens_total\{provider="local",direction="in"\} [1-9]/);
    expect(metrics).toMatch(/countersign_model_tokens_total\{provider="gemini",direction="out"\} [1-9]/);
    expect(metrics).toContain('countersign_model_budget_refusals_total 0');
    const entries = await auditEntries(stage, {});
    const told = JSON.stringify(entries);
    expect(told).toContain('planner.planned');
    for (const canary of [key, 'says hello', 'evil']) expect(`${told}${metrics}`).not.toContain(canary);
  });
});

describe('one server', () => {
  let stage: Stage;
  beforeAll(async () => {
    write(providersAs('local'));
    const env = { MODEL_KEY: key, AI_MAX_TOKENS_PER_MIN: '20000' };
    stage = await withPeople(await openServer('sqlite', { config: { providers: { file } }, env }));
  });
  afterAll(() => stage.close());

  it('the CLI lists, tests and switches', async () => {
    const env = {
      COUNTERSIGN_SERVER: stage.url,
      COUNTERSIGN_TOKEN: stage.admin.token,
      COUNTERSIGN_DATA_DIR: `${stage.dataDir}-cli`,
    };
    const cli = (...args: string[]) => runCountersign(args, { env });
    const listed = await cli('provider', 'ls');
    expect(listed.stdout, listed.stderr).toMatch(/\* +local +openai_compat +scripted-1/);
    // It answers; that its list lacks the configured model is said, and is no success.
    const tested = await cli('provider', 'test', 'local');
    expect(tested, tested.stderr).toMatchObject({ code: 1, stdout: expect.stringContaining('ok: answers in') });
    expect(tested.stderr).toContain('The configured model is not among them.');
    const offline = await cli('provider', 'test', 'offline');
    expect(offline.code).toBe(1);
    expect(offline.stdout).toContain('E_PROVIDER_UNAVAILABLE');
    expect((await cli('provider', 'use', 'nobody')).code).toBe(2);
    const used = await cli('provider', 'use', 'gemini', '--json');
    expect(JSON.parse(used.stdout)).toMatchObject({ active: 'gemini' });
    await cli('provider', 'use', 'local');
  });

  it('50 sentences at once never spend more than the minute has; the rest is refused before the provider is called, as its journal shows (IP-2)', async () => {
    models.answer(() => ({ text: good, tokensIn: 3000, tokensOut: 200 }), { latency: 50 });
    const before = models.requests().length;
    const asked = Array.from({ length: 50 }, () =>
      stage.alice.client.call('planPrompt', { body: { prompt: sentence } }).then(
        () => 'planned',
        (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : 'broken'),
      ),
    );
    const outcomes = await Promise.all(asked);
    const planned = outcomes.filter((outcome) => outcome === 'planned').length;
    expect(planned).toBeGreaterThan(0);
    expect(planned * 3200).toBeLessThanOrEqual(20_000);
    expect(models.requests().length - before).toBe(planned);
    const others = new Set(outcomes.filter((outcome) => outcome !== 'planned'));
    expect([...others].sort()).toEqual(['E_PROVIDER_BUDGET']);
  });
});
