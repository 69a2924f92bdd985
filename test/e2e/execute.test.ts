import { randomUUID } from 'node:crypto';
import { AiJobView, ErrorEnvelope } from '@countersign/protocol';
import { type GitRepository, makeGitRepository, waitUntil } from '@countersign/testing';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { describeServer, type Stage } from './harness/describe-server.ts';
import { confirm, show, until } from './harness/flow.ts';
import { expectRefused } from './harness/refused.ts';
import { send } from './harness/send.ts';

const Jobs = z.strictObject({ job_ids: z.array(z.uuid()) });

/** An action as a planner answers it. */
const write = (path: string, environment = 'dev', id = randomUUID()) => ({
  provider: 'repo',
  action: 'repo.write_files',
  params: { message: `add ${path}`, files: [{ path, content: 'x\n' }] },
  client_request_id: id,
  environment,
  effect: 'write',
});
type Action = ReturnType<typeof write>;

async function execute({ url }: Stage, token: string, actions: readonly unknown[], actor = 'alice') {
  const body = { actions, workspace_id: 'shop', actor_id: actor };
  const response = await send(url, { path: '/ai/execute', token, body });
  const answer: unknown = await response.json();
  return { status: response.status, body: answer };
}
async function job({ url }: Stage, token: string, id: string) {
  const response = await send(url, { path: `/ai/jobs/${id}`, token });
  const answer: unknown = await response.json();
  return { status: response.status, body: answer };
}
const said = ({ status, body }: { status: number; body: unknown }) =>
  `${status} ${ErrorEnvelope.parse(body).error.code}`;
const opCount = async ({ alice }: Stage) =>
  (await alice.client.call('opsList', { query: { limit: 500 } })).operations.length;

const second = await makeGitRepository({ 'README.md': '# second\n' });
const config = { path: second.path, branch: 'main' };
const targets = [{ name: 'second', project: 'shop', environment: 'dev2', tier: 'dev', connector: 'repo', config }];

describeServer('actions of a planner', { targets }, (stage) => {
  const asAlice = (actions: readonly unknown[], actor?: string) =>
    execute(stage(), stage().alice.token, actions, actor);
  const ended = (id: string) =>
    waitUntil(`${id} has ended`, async () => {
      const { body } = await job(stage(), stage().alice.token, id);
      const view = AiJobView.parse(body);
      return (view.status === 'completed' || view.status === 'error') && view;
    });

  it('execute and queue: what policy allows runs by itself, each action once, in the shape of the source (IP-4, IP-5, IP-14)', async () => {
    // Both databases write to the second repository.
    const two = `two-${stage().dialect}.txt`;
    const actions = [write('one.txt'), write(two, 'dev2')];
    const taken = await asAlice(actions);
    expect(taken.status).toBe(200);
    const ids = Jobs.parse(taken.body).job_ids;
    expect(ids.length).toBe(2);
    for (const id of ids) {
      const view = await ended(id);
      expect(view).toMatchObject({ status: 'completed', error: null, op_id: id });
      expect(view.duration_ms).toBeGreaterThanOrEqual(0);
      expect(view.result).toMatchObject({ op_id: id, actions: ['repo.write_files'] });
    }
    expect((await asAlice(actions)).body).toEqual(taken.body);
    const written: readonly [GitRepository, string][] = [
      [stage().repos.dev, 'one.txt'],
      [second, two],
    ];
    for (const [repo, path] of written) {
      const subjects = (await repo.git('log', '--format=%s', 'main')).split('\n');
      expect(subjects.filter((line) => line === `add ${path}`).length).toBe(1);
    }
    const operation = await show(stage().alice.client, ids[0] ?? '');
    const params = { group_id: operation.group_id ?? '' };
    const { operations } = await stage().alice.client.call('groupGet', { params });
    expect(operations.map(({ op_id }) => op_id)).toEqual(ids);
    const listed = await stage().alice.client.call('opsList', { query: { group: params.group_id } });
    expect(listed.operations.length).toBe(2);
  });

  it('worker happy path: a read among them is done too, and what needs a person waits at its plan (IP-4, IP-14)', async () => {
    const read = {
      provider: 'repo',
      action: 'repo.status',
      params: {},
      client_request_id: randomUUID(),
      environment: 'dev',
    };
    const taken = await asAlice([read, write('prod.txt', 'prod'), write('stage.txt', 'stage')]);
    const [first = '', prod = '', staged = ''] = Jobs.parse(taken.body).job_ids;
    expect((await ended(first)).result).toMatchObject({ actions: ['repo.status'] });
    await until(stage().alice.client, prod, 'waits', ({ display }) => display === 'waiting_approval');
    await until(stage().alice.client, staged, 'waits', ({ display }) => display === 'waiting_confirmation');
    for (const id of [prod, staged]) {
      const { body } = await job(stage(), stage().alice.token, id);
      expect(AiJobView.parse(body)).toMatchObject({ status: 'pending', result: null, error: null, duration_ms: null });
    }
    // The requester's word starts it: nobody has to ask twice.
    await stage().alice.client.call('draftGet', { params: { draft_id: staged } });
    // Where a page may come from, typed steps take the one-time token.
    const byPage = stage().alice.client.call('draftApprove', { params: { draft_id: staged }, body: {} });
    const refused = await expectRefused(byPage, 'E_CONFIRMATION_INVALID');
    expect(refused.detail['next']).toBe(`countersign confirm ${staged}`);
    await confirm(stage().alice.client, { op_id: staged });
    expect((await ended(staged)).status).toBe('completed');
  });

  it('all or nothing: one action that is not permitted, not valid or taken otherwise, and nothing is queued; it is named (IP-4)', async () => {
    const { vera } = stage();
    const before = await opCount(stage());
    const bad: readonly [Partial<Action> & { action: string }, string][] = [
      [{ ...write('x'), action: 'repo.nothing' }, '422 E_ACTION_UNKNOWN'],
      [{ ...write('x'), params: { message: '', files: [] } }, '422 E_VALIDATION'],
      [write('x', 'nowhere'), '422 E_TARGET_UNKNOWN'],
    ];
    for (const [action, expected] of bad) {
      const answer = await asAlice([write('good.txt'), action]);
      expect(said(answer)).toBe(expected);
      const { error } = ErrorEnvelope.parse(answer.body);
      expect(error.message).toContain(`action 1 (${action.action})`);
      expect(error.detail).toMatchObject({ index: 1, action: action.action });
    }
    const id = randomUUID();
    expect((await asAlice([write('keyed.txt', 'stage', id)])).status).toBe(200);
    const other = await asAlice([write('fresh.txt', 'stage'), write('other.txt', 'stage', id)]);
    expect(said(other)).toBe('422 E_IDEMPOTENCY_CONFLICT');
    expect(await opCount(stage())).toBe(before + 1);
    expect(said(await execute(stage(), vera.token, [write('v.txt')], 'vera'))).toBe('403 E_AUTH_FORBIDDEN');
    const limited = await stage().bearer({
      name: `dev-only-${stage().dialect}`,
      kind: 'person',
      grants: [
        { role: 'actions', project: 'shop', environment: 'dev' },
        { role: 'viewer', project: 'shop', environment: 'prod' },
      ],
    });
    const mixed = await execute(
      stage(),
      limited.token,
      [write('d.txt'), write('p.txt', 'prod')],
      `dev-only-${stage().dialect}`,
    );
    expect(said(mixed)).toBe('403 E_AUTH_FORBIDDEN');
    expect(ErrorEnvelope.parse(mixed.body).error.detail).toMatchObject({ index: 1 });
    expect(await opCount(stage())).toBe(before + 1);
  });

  it('the actor is the caller, by name, root or principal, and nobody else (IP-4)', async () => {
    for (const actor of ['bob', 'admin', 'Alice'])
      expect(said(await asAlice([write('actor.txt', 'stage')], actor))).toBe('403 E_AUTH_FORBIDDEN');
    expect((await asAlice([write('actor.txt', 'stage')], 'person:alice')).status).toBe(200);
    const agent = await stage().bearer({ name: 'helper', kind: 'agent', role: 'actions' }, stage().alice.client);
    const asked = await execute(stage(), agent.token, [write('by-agent.txt')], 'alice');
    const [id = ''] = Jobs.parse(asked.body).job_ids;
    // What an AI asks for never runs by itself.
    const waiting = await until(stage().alice.client, id, 'is planned', ({ state }) => state === 'planned');
    expect(waiting.display).toBe('waiting_confirmation');
  });

  it('one key of twenty requests at once is one operation, and of groups that share a key none is half taken (IP-4)', async () => {
    const [shared, a, b] = [randomUUID(), randomUUID(), randomUUID()];
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        asAlice([
          write('shared.txt', 'stage', shared),
          index % 2 === 0 ? write('a.txt', 'stage', a) : write('b.txt', 'stage', b),
        ]),
      ),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    const ids = answers.map(({ body }) => Jobs.parse(body).job_ids);
    expect(new Set(ids.map(([first]) => first)).size).toBe(1);
    expect(new Set(ids.map(([, second]) => second)).size).toBe(2);
  });

  it('a job that is unknown, foreign or malformed is none (IP-5)', async () => {
    const [id = ''] = Jobs.parse((await asAlice([write('seen.txt', 'stage')])).body).job_ids;
    expect((await job(stage(), stage().vera.token, id)).status).toBe(200);
    const far = await stage().bearer({
      name: `far-${stage().dialect}`,
      kind: 'person',
      grants: [{ role: 'admin', project: 'far', environment: '*' }],
    });
    expect(said(await job(stage(), far.token, id))).toBe('404 E_NOT_FOUND');
    expect(said(await job(stage(), stage().alice.token, randomUUID()))).toBe('404 E_NOT_FOUND');
    expect(said(await job(stage(), stage().alice.token, 'x'))).toBe('422 E_VALIDATION');
    const { alice } = stage();
    await expectRefused(alice.client.call('groupGet', { params: { group_id: randomUUID() } }), 'E_NOT_FOUND');
  });
});

describeServer('kept for a while', { env: { ORCH_OPS_RUN_TTL: '0.00002' } }, (stage) => {
  it('past their time jobs are none, runs and rejected drafts stand in no list, and all is there by its id (OR-4, IP-5)', async () => {
    const { alice, admin } = stage();
    const [id = ''] = Jobs.parse((await execute(stage(), alice.token, [write('old.txt')])).body).job_ids;
    const done = await until(alice.client, id, 'has ended', ({ state }) => state === 'closed');
    const draft = await admin.client.call('draftCreate', { body: { prompt: 'no' } });
    await admin.client.call('draftReject', { params: { draft_id: draft.id }, body: {} });
    const runs = async () => (await alice.client.call('runList', {})).runs.map(({ op_id }) => op_id);
    const rejected = async () =>
      (await admin.client.call('draftList', { query: { status: 'rejected' } })).drafts.map((each) => each.id);
    await waitUntil(
      'its time is over',
      async () => !(await runs()).includes(id) && !(await rejected()).includes(draft.id),
    );
    expect(said(await job(stage(), alice.token, id))).toBe('404 E_NOT_FOUND');
    expect((await alice.client.call('runGet', { params: { run_id: done.run?.run_id ?? '' } })).state).toBe('succeeded');
    expect((await admin.client.call('draftGet', { params: { draft_id: draft.id } })).status).toBe('rejected');
    const byId = await send(stage().url, { path: `/ops/runs/${done.run?.run_id}`, token: admin.token });
    expect(byId.status).toBe(200);
    expect((await show(alice.client, id)).evidence).not.toBeNull();
  });
});
