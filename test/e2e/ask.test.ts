import { execFileSync } from 'node:child_process';
import { OperationView, PlanPromptView } from '@countersign/protocol';
import { type CountersignResult, makeTempFolder, runCountersign } from '@countersign/testing';
import { expect, it } from 'vitest';
import { auditEntries } from './harness/audit.ts';
import { verified } from './harness/bundle.ts';
import { describeServer, type Stage } from './harness/describe-server.ts';
import { anchored } from './harness/flow.ts';
import { expectRefused } from './harness/refused.ts';

/** Runs `countersign ask` as alice; answers its exit code and one JSON document a line. */
async function ask(
  stage: Stage,
  sentence: string,
  ...options: string[]
): Promise<CountersignResult & { said: unknown[] }> {
  using folder = makeTempFolder();
  const env = {
    COUNTERSIGN_SERVER: stage.url,
    COUNTERSIGN_TOKEN: stage.alice.token,
    COUNTERSIGN_DATA_DIR: folder.path,
  };
  const result = await runCountersign(['ask', sentence, '--json', '--no-input', ...options], { env, cwd: folder.path });
  return {
    ...result,
    said: result.stdout
      .split('\n')
      .filter(Boolean)
      .map((line): unknown => JSON.parse(line)),
  };
}

const plan = ({ alice }: Stage, prompt: string): Promise<PlanPromptView> =>
  alice.client.call('planPrompt', { body: { prompt } });

const operations = async ({ alice }: Stage): Promise<number> =>
  (await alice.client.call('opsList', { query: {} })).operations.length;

describeServer('ask', {}, (stage) => {
  it('DO-13: a sentence becomes typed actions with resolved target, or a question, or a refusal; none of them proposes anything', async () => {
    const before = await operations(stage());
    const planned = await plan(
      stage(),
      'write "replicas: 2" to config/app.yaml in stage with message "scale the shop"',
    );
    expect(planned).toMatchObject({
      kind: 'plan',
      planned_by: { planner: 'rules', model: 'rules' },
      meta: { tokens_in: 0, tokens_out: 0, detail: {} },
      plan: {
        actions: [
          {
            action: 'repo.write_files',
            params: { files: [{ path: 'config/app.yaml', content: 'replicas: 2' }], message: 'scale the shop' },
            target: { name: 'shop-stage' },
            resolved: [{ field: 'target', said: 'stage', meant: 'shop-stage', by: 'alias' }],
            verdict: { decision: 'needs', obligations: [{ kind: 'confirm' }] },
          },
        ],
      },
    });
    const asked = await plan(stage(), 'escribe "x" en config/app.yaml');
    expect(asked).toMatchObject({ kind: 'clarify', plan: { actions: [] } });
    const prompts = asked.plan.clarify?.options.map(({ prompt }) => prompt) ?? [];
    expect(prompts).toHaveLength(3);
    for (const prompt of prompts) expect(await plan(stage(), prompt)).toMatchObject({ kind: 'plan' });
    expect(await plan(stage(), 'delete everything')).toMatchObject({
      kind: 'refuse',
      plan: { actions: [], refusal: { code: 'everything', reason: expect.stringContaining('by itself') } },
    });
    expect(await operations(stage())).toBe(before);
    const events = (await auditEntries(stage(), { subject: planned.plan_id })).map(({ event }) => event);
    expect(events).toEqual(['planner.planned']);
  });

  it('DO-13: only whoever may propose may ask, and hears of nothing that they may not do', async () => {
    const { vera } = stage();
    await expectRefused(
      vera.client.call('planPrompt', { body: { prompt: 'list commits in dev' } }),
      'E_AUTH_FORBIDDEN',
    );
  });

  it('DO-16: ask runs a read at once, and a change the whole way with the sentence as its note', async () => {
    const read = await ask(stage(), 'show the last 2 commits in dev');
    expect(read.code, read.stderr).toBe(0);
    expect(read.said).toMatchObject([{ kind: 'plan' }, { status: 'succeeded', summary: { count: 1 } }]);

    const sentence = 'write "hello" to notes/hello.txt in dev and then show the file notes/hello.txt';
    const done = await ask(stage(), sentence, '--yes');
    expect(done.code, done.stderr).toBe(0);
    expect(done.said).toHaveLength(3);
    const view = OperationView.parse(done.said[1]);
    expect(view).toMatchObject({
      status: 'succeeded',
      note: sentence,
      planned_by: { planner: 'rules' },
      requester: { ai: false },
    });
    expect(done.said[2]).toMatchObject({ status: 'succeeded' });
    const { path } = stage().repos.dev;
    expect(execFileSync('git', ['-C', path, 'show', 'HEAD:notes/hello.txt'], { encoding: 'utf8' })).toBe('hello');
    expect(execFileSync('git', ['-C', path, 'log', '-1', '--format=%s'], { encoding: 'utf8' })).toContain(
      'write "hello"',
    );
    await anchored(stage().alice.client, view.op_id);
    expect((await verified(stage().alice.client, view.bundle_id)).state).toBe('pass');
  });

  it('DO-16: ask stops where others must approve, a mistyped place is asked about, and "everything" is refused with its reason', async () => {
    const waits = await ask(stage(), 'delete config/limits.yaml in prod', '--yes');
    expect([waits.code, waits.stderr]).toEqual([5, expect.stringContaining('countersign approve')]);
    expect(await plan(stage(), 'delete config/limits.yaml in stge')).toMatchObject({
      kind: 'clarify',
      plan: { clarify: { question: expect.stringContaining('Did you mean stage') } },
    });
    const all = await ask(stage(), 'borra todo', '--yes');
    expect([all.code, all.stderr]).toEqual([2, expect.stringContaining('It asks for everything at once.')]);
    expect(PlanPromptView.parse(all.said[0]).kind).toBe('refuse');
  });
});
