import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ApprovedView, DraftView, ErrorEnvelope, RunSummary, TaskPlanView } from '@countersign/protocol';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { auditEntries } from './harness/audit.ts';
import { describeServer, type Stage } from './harness/describe-server.ts';
import { propose, writeFiles } from './harness/flow.ts';
import { send } from './harness/send.ts';

const run = promisify(execFile);
const rounds = Number(process.env['COUNTERSIGN_DRAFT_ROUNDS'] ?? '20');

/** The lines that the source says how it is used by, as they stand there (003, phases 1 and 3). */
const sourceLines = {
  create: `curl -X POST -H "Authorization: Bearer $TOKEN" -d '{"prompt":"refactor X"}' http://localhost:9325/ops/drafts`,
  approve: `curl -X POST -H "Authorization: Bearer $TOKEN" http://localhost:9325/ops/drafts/d_xxx/approve`,
  approved: `curl -H "Authorization: Bearer $TOKEN" http://localhost:9325/ops/approved`,
  run: `curl -X POST -H "Authorization: Bearer $TOKEN" -d '{"approved_id":"a_xxx"}' http://localhost:9325/ops/runs`,
  status: `curl -H "Authorization: Bearer $TOKEN" http://localhost:9325/ops/runs/r_xxx`,
} as const;

/** Runs one of them, with this host, token and these ids. */
async function sourceLine(stage: Stage, line: string, ids: Readonly<Record<string, string>> = {}) {
  const meant = Object.entries({ 'http://localhost:9325': stage.url, $TOKEN: stage.admin.token, ...ids }).reduce(
    (rest, [written, now]) => rest.replaceAll(written, now),
    line,
  );
  const words = [...meant.matchAll(/"([^"]*)"(?=\s)|'([^']*)'|(\S+)/g)].map(
    (match) => match[1] ?? match[2] ?? match[0],
  );
  const { stdout } = await run('curl', ['-sS', '-w', '\\n%{http_code}', ...words.slice(1)]);
  const [status = '', ...rest] = stdout.split('\n').reverse();
  const body: unknown = JSON.parse(rest.reverse().join('\n'));
  return { status: Number(status), body };
}

interface Who {
  readonly token?: string;
  readonly key?: string;
}

/** Asks at one of the source's addresses, as the administrator unless told otherwise. */
async function ops({ url, admin }: Stage, method: string, path: string, body?: unknown, who: Who = {}) {
  const headers = who.key === undefined ? {} : { 'idempotency-key': who.key };
  const token = who.token ?? admin.token;
  const response = await send(url, {
    method,
    path: `/ops${path}`,
    token,
    headers,
    ...(body === undefined ? {} : { body }),
  });
  const answer: unknown = await response.json();
  return { status: response.status, body: answer };
}
type Answer = Awaited<ReturnType<typeof ops>>;

const said = ({ status, body }: Answer): string => `${status} ${ErrorEnvelope.parse(body).error.code}`;
const draftOf = ({ body }: Answer): DraftView => DraftView.parse(body);
const approvedOf = ({ body }: Answer): ApprovedView => ApprovedView.parse(body);
const runIdOf = ({ body }: Answer): string => z.object({ run_id: z.string() }).parse(body).run_id;

async function draft(stage: Stage, prompt: string, who: Who = {}): Promise<DraftView> {
  const made = await ops(stage, 'POST', '/drafts', { prompt }, who);
  expect(made.status).toBe(201);
  return draftOf(made);
}
async function approved(stage: Stage, prompt: string): Promise<ApprovedView> {
  const { id } = await draft(stage, prompt);
  return approvedOf(await ops(stage, 'POST', `/drafts/${id}/approve`));
}

describeServer('drafts', {}, (stage) => {
  it("the source's own lines work as they stand there (OR-1, OR-4, OR-9)", async () => {
    const made = await sourceLine(stage(), sourceLines.create);
    expect(made.status).toBe(201);
    const { id } = draftOf(made);
    const agreed = await sourceLine(stage(), sourceLines.approve, { d_xxx: id });
    expect(agreed.status).toBe(200);
    const listed = await sourceLine(stage(), sourceLines.approved);
    expect(listed.status).toBe(200);
    const [first] = z.array(ApprovedView).parse(listed.body);
    expect(first).toMatchObject({ draft_id: id, prompt: 'refactor X', approved_by: 'admin' });
    const started = await sourceLine(stage(), sourceLines.run, { a_xxx: first?.id ?? '' });
    expect(started.status).toBe(201);
    const shown = await sourceLine(stage(), sourceLines.status, { r_xxx: runIdOf(started) });
    expect(shown.status).toBe(200);
    expect(RunSummary.parse(shown.body)).toMatchObject({
      id: runIdOf(started),
      approved_id: first?.id,
      status: 'pending',
      started_at: null,
    });
    expect(RunSummary.parse(shown.body).log.at(-1)).toBe('run: queued');
  });

  it('a draft is planned at once, shows exactly what will be handed over, and one set of bits has three names (OR-4)', async () => {
    const before = Date.now();
    const made = await ops(stage(), 'POST', '/drafts', { prompt: 'tidy\nup', context: { file: 'a.ts' } });
    const view = draftOf(made);
    expect(view).toMatchObject({
      prompt: 'tidy\nup',
      content: 'tidy\nup',
      context: { file: 'a.ts' },
      status: 'draft',
      provider: null,
      revision: 1,
      display: 'waiting_confirmation',
      kind: 'instruction',
      ai: false,
    });
    expect(view.created_at).toBeGreaterThanOrEqual(before - 1000);
    const operation = await stage().admin.client.call('opsGet', { params: { op_id: view.id } });
    expect(operation.op_id).toBe(view.op_id);
    expect(operation.diffs.map(({ patch }) => patch).join('')).toContain('+tidy\n+up\n');
    expect(operation.diffs.map(({ patch }) => patch).join('')).toContain('+{"file":"a.ts"}');
    expect(operation.plan?.rollback).toMatchObject({ possible: false });
    const agreed = approvedOf(await ops(stage(), 'POST', `/drafts/${view.id}/approve`));
    expect([agreed.id.slice(2), agreed.draft_id]).toEqual([view.id.slice(2), view.id]);
    expect(agreed).toMatchObject({ digest: view.digest, context: { file: 'a.ts' }, run_id: null });
    expect(approvedOf(await ops(stage(), 'GET', `/approved/${agreed.id}`))).toEqual(agreed);
    const events = await auditEntries(stage(), { subject: view.op_id });
    expect(events.map(({ event }) => event)).toEqual([
      'operation.proposed',
      'plan.made',
      'approval.wanted',
      'plan.shown',
      'approval.confirmed',
    ]);
  });

  it('typed operations wait among the drafts too, and end among the approved (OR-1)', async () => {
    const { alice, bob } = stage();
    const { op_id: opId } = await propose(alice.client, writeFiles('prod', { 'draft.txt': 'typed\n' }));
    const list = async () => z.array(DraftView).parse((await ops(stage(), 'GET', '/drafts')).body);
    const typed = (await list()).find((each) => each.op_id === opId);
    expect(typed).toMatchObject({ kind: 'steps', prompt: 'repo.write_files on shop-prod', status: 'draft' });
    expect(typed?.content).toContain('"draft.txt"');
    const get = (token: string) => ops(stage(), 'GET', `/drafts/${typed?.id}`, undefined, { token });
    expect((await get(stage().admin.token)).status).toBe(200);
    // Another's approval: alice is the requester, and prod asks for somebody else.
    await bob.client.call('draftGet', { params: { draft_id: opId } });
    await bob.client.call('draftApprove', { params: { draft_id: opId }, body: {} });
    expect((await list()).some((each) => each.op_id === opId)).toBe(false);
    const found = z.array(ApprovedView).parse((await ops(stage(), 'GET', '/approved')).body);
    expect(found.find((each) => each.op_id === opId)).toMatchObject({ kind: 'steps', approved_by: 'bob' });
  });

  it('an edit is a new revision, voids plan and approval, and what was shown before it approves nothing (OR-1, OR-10)', async () => {
    const { admin, bearer } = stage();
    const other = await bearer({ name: 'second-admin', kind: 'person', role: 'admin' });
    const first = await draft(stage(), 'first words');
    expect((await ops(stage(), 'POST', `/drafts/${first.id}/approve`)).status).toBe(200);
    const edited = draftOf(await ops(stage(), 'PUT', `/drafts/${first.id}`, { content: 'other words', revision: 1 }));
    expect(edited).toMatchObject({ prompt: 'first words', content: 'other words', revision: 2, status: 'draft' });
    expect(edited.digest).not.toBe(first.digest);
    expect(said(await ops(stage(), 'GET', `/approved/a_${first.id.slice(2)}`))).toBe('404 E_NOT_FOUND');
    expect(said(await ops(stage(), 'PUT', `/drafts/${first.id}`, { content: 'late', revision: 1 }))).toBe(
      '409 E_REVISION',
    );
    // Edited by another meanwhile: what the first was shown is not what stands.
    const second = await draft(stage(), 'mine');
    const changed = await ops(stage(), 'PUT', `/drafts/${second.id}`, { prompt: 'theirs' }, { token: other.token });
    expect(draftOf(changed)).toMatchObject({ prompt: 'theirs', content: 'theirs', revision: 2 });
    expect(said(await ops(stage(), 'POST', `/drafts/${second.id}/approve`))).toBe('409 E_DIGEST_MISMATCH');
    const asked = await ops(stage(), 'POST', `/drafts/${second.id}/approve`, { digest: second.digest });
    expect(said(asked)).toBe('409 E_DIGEST_MISMATCH');
    const ended = await ops(stage(), 'POST', `/drafts/${second.id}/approve`, {}, { token: other.token });
    expect(approvedOf(ended)).toMatchObject({ prompt: 'theirs', approved_by: 'second-admin' });
    expect(admin.token).not.toBe(other.token);
  });

  it('approved twice is approved once; rejected is over; a draft that another asked for was never shown (OR-10)', async () => {
    const { alice, bob } = stage();
    const { id, op_id: opId } = await draft(stage(), 'twice');
    const once = await ops(stage(), 'POST', `/drafts/${id}/approve`);
    const twice = await ops(stage(), 'POST', `/drafts/${id}/approve`);
    expect([once.status, twice.status]).toEqual([200, 200]);
    expect(twice.body).toEqual(once.body);
    const events = await auditEntries(stage(), { subject: opId });
    expect(events.filter(({ event }) => event === 'approval.confirmed').length).toBe(1);
    expect(said(await ops(stage(), 'POST', `/drafts/${id}/reject`))).toBe('409 E_ALREADY_DECIDED');
    const { id: other } = await draft(stage(), 'no');
    expect(draftOf(await ops(stage(), 'POST', `/drafts/${other}/reject`))).toMatchObject({ status: 'rejected' });
    for (const what of ['approve', 'reject'])
      expect(said(await ops(stage(), 'POST', `/drafts/${other}/${what}`))).toBe('409 E_ALREADY_DECIDED');
    expect(said(await ops(stage(), 'PUT', `/drafts/${other}`, { content: 'again' }))).toBe('409 E_STATE');
    const rejected = await ops(stage(), 'GET', '/drafts?status=rejected');
    expect(
      z
        .array(DraftView)
        .parse(rejected.body)
        .map((each) => each.id),
    ).toContain(other);
    const hers = await alice.client.call('draftCreate', { body: { prompt: 'hers' } });
    const params = { draft_id: hers.id };
    await expect(bob.client.call('draftApprove', { params, body: {} })).rejects.toMatchObject({
      code: 'E_PLAN_NOT_SHOWN',
    });
    // Another's approval is not the requester's confirmation: it still waits.
    await bob.client.call('draftGet', { params });
    expect(await bob.client.call('draftApprove', { params, body: {} })).toMatchObject({ status: 'draft' });
    expect(await alice.client.call('draftApprove', { params, body: {} })).toMatchObject({ approved_by: 'bob, alice' });
  });

  it(`approve and reject at once, ${rounds} times: one wins each time, the other is told (OR-10)`, async () => {
    const wins = { approve: 0, reject: 0 };
    for (let round = 0; round < rounds; round += 1) {
      const { id, op_id: opId } = await draft(stage(), `race ${round}`);
      const approving = () => ops(stage(), 'POST', `/drafts/${id}/approve`, { comment: 'yes' });
      const rejecting = () => ops(stage(), 'POST', `/drafts/${id}/reject`, { reason: 'no' });
      const [one, other] = round % 2 === 0 ? [approving(), rejecting()] : [rejecting(), approving()];
      const answers = round % 2 === 0 ? [await one, await other] : [await other, await one];
      const statuses = answers.map(({ status }) => status);
      expect([...statuses].sort()).toEqual([200, 409]);
      const loser = answers.find(({ status }) => status === 409);
      expect(loser && said(loser)).toBe('409 E_ALREADY_DECIDED');
      const won = statuses[0] === 200 ? 'approve' : 'reject';
      wins[won] += 1;
      const events = (await auditEntries(stage(), { subject: opId })).map(({ event }) => event);
      const decided = events.filter((event) => event === 'approval.confirmed' || event === 'operation.withdrawn');
      expect(decided).toEqual([won === 'approve' ? 'approval.confirmed' : 'operation.withdrawn']);
    }
    expect(Math.min(wins.approve, wins.reject)).toBeGreaterThan(0);
    console.log(`${rounds} races on ${stage().dialect}: ${wins.approve} approved, ${wins.reject} rejected`);
  }, 120_000);

  it('runs: a draft id is 403, one key answers one run, another key is 409 (OR-9, OR-1)', async () => {
    const { id, draft_id: draftId } = await approved(stage(), 'run me');
    for (const body of [{ approved_id: draftId }, { approved_id: 'd_7ZZZZZZZZZZZZZZZZZZZZZZZZZ' }])
      expect(said(await ops(stage(), 'POST', '/runs', body))).toBe('403 E_NOT_APPROVED');
    expect(said(await ops(stage(), 'GET', `/approved/${draftId}`))).toBe('403 E_NOT_APPROVED');
    const waiting = await draft(stage(), 'not yet');
    const early = await ops(stage(), 'POST', '/runs', { approved_id: `a_${waiting.id.slice(2)}` });
    expect(said(early)).toBe('409 E_APPROVAL_REQUIRED');
    const none = await ops(stage(), 'POST', '/runs', { approved_id: 'a_7ZZZZZZZZZZZZZZZZZZZZZZZZZ' });
    expect(said(none)).toBe('404 E_NOT_FOUND');
    const start = (key: string) => ops(stage(), 'POST', '/runs', { approved_id: id }, { key });
    const many = await Promise.all(Array.from({ length: 20 }, () => start('one-key')));
    expect(new Set(many.map(({ status }) => status))).toEqual(new Set([201]));
    expect(new Set(many.map(runIdOf)).size).toBe(1);
    expect(said(await start('another-key'))).toBe('409 E_STATE');
    expect(said(await ops(stage(), 'POST', '/runs', { approved_id: id }))).toBe('409 E_STATE');
    const listed = z.array(ApprovedView).parse((await ops(stage(), 'GET', '/approved')).body);
    expect(listed.some((each) => each.id === id)).toBe(false);
    expect(approvedOf(await ops(stage(), 'GET', `/approved/${id}`)).run_id).toBe(many[0] && runIdOf(many[0]));
    const runs = z.array(RunSummary).parse((await ops(stage(), 'GET', '/runs')).body);
    expect(runs.find((each) => each.approved_id === id)).toMatchObject({ status: 'pending', log: [] });
  });

  it('a draft is made once for one key, and what is no draft is refused by field (OR-2)', async () => {
    const body = { prompt: 'keyed' };
    const made = await Promise.all(
      Array.from({ length: 10 }, () => ops(stage(), 'POST', '/drafts', body, { key: 'draft-key' })),
    );
    expect(new Set(made.map((each) => draftOf(each).id)).size).toBe(1);
    expect(said(await ops(stage(), 'POST', '/drafts', { prompt: 'other' }, { key: 'draft-key' }))).toBe(
      '422 E_IDEMPOTENCY_CONFLICT',
    );
    for (const bad of [{}, { prompt: ' ' }, { prompt: 'x', extra: 1 }, { prompt: 'x', context: 'text' }, { prompt: 7 }])
      expect(said(await ops(stage(), 'POST', '/drafts', bad))).toBe('422 E_VALIDATION');
    const { id } = await draft(stage(), 'words');
    for (const bad of [{}, { revision: 1 }, { steps: [{ action: 'repo.write_files', inputs: {} }] }, { agent: 'a b' }])
      expect(said(await ops(stage(), 'PUT', `/drafts/${id}`, bad))).toBe('422 E_VALIDATION');
  });

  it('a secret in a prompt is sealed: no answer shows it, and nobody turns it to another agent (OR-4)', async () => {
    const secret = `ghp_${'Ab1'.repeat(12)}`;
    const made = await ops(stage(), 'POST', '/drafts', { prompt: `push with ${secret} please` });
    expect(draftOf(made)).toMatchObject({ prompt: 'push with [secret] please', content: 'push with [secret] please' });
    const { id, op_id: opId } = draftOf(made);
    const other = await stage().bearer({ name: `turner-${stage().dialect}`, kind: 'person', role: 'admin' });
    const turned = await ops(stage(), 'PUT', `/drafts/${id}`, { agent: 'mine' }, { token: other.token });
    expect(said(turned)).toBe('403 E_AUTH_FORBIDDEN');
    const own = draftOf(await ops(stage(), 'PUT', `/drafts/${id}`, { agent: 'writer' }));
    expect(own).toMatchObject({ agent: 'writer', content: 'push with [secret] please' });
    await ops(stage(), 'POST', `/drafts/${id}/approve`);
    const everything = await Promise.all([
      stage().admin.client.call('opsGet', { params: { op_id: opId } }),
      ops(stage(), 'GET', '/drafts'),
      ops(stage(), 'GET', '/approved'),
      auditEntries(stage(), { subject: opId }),
    ]);
    expect(JSON.stringify(everything)).not.toContain(secret);
  });

  it('the roles are those of the table: reading needs actions, writing admin (OR-1, OR-2)', async () => {
    const { alice, vera } = stage();
    const { id } = await draft(stage(), 'roles');
    const reads = ['/drafts', `/drafts/${id}`, '/approved', '/runs'];
    for (const path of reads) {
      expect((await ops(stage(), 'GET', path, undefined, { token: alice.token })).status).toBe(200);
      expect(said(await ops(stage(), 'GET', path, undefined, { token: vera.token }))).toBe('403 E_AUTH_FORBIDDEN');
    }
    const writes = [
      ['POST', '/drafts', { prompt: 'x' }],
      ['PUT', `/drafts/${id}`, { prompt: 'x' }],
      ['POST', `/drafts/${id}/approve`, {}],
      ['POST', `/drafts/${id}/reject`, {}],
      ['POST', '/runs', { approved_id: `a_${id.slice(2)}` }],
      ['PUT', '/plan', { title: 'x', tasks: [] }],
    ] as const;
    for (const [method, path, body] of writes)
      expect(said(await ops(stage(), method, path, body, { token: alice.token }))).toBe('403 E_AUTH_FORBIDDEN');
  });

  it('an AI drafts and never approves, and what it drafted wants its person (OR-10)', async () => {
    const { alice, bearer } = stage();
    const agent = await bearer({ name: 'alices-agent', kind: 'agent', role: 'actions' }, alice.client);
    const made = await agent.client.call('draftCreate', { body: { prompt: 'let me' } });
    expect(made).toMatchObject({ ai: true, status: 'draft' });
    const params = { draft_id: made.id };
    for (const route of ['draftApprove', 'draftReject'] as const) {
      const asked = agent.client.call(route, { params, body: {} });
      await expect(asked).rejects.toMatchObject({ code: 'E_APPROVAL_NOT_ALLOWED' });
    }
    await alice.client.call('draftGet', { params });
    expect(await alice.client.call('draftApprove', { params, body: {} })).toMatchObject({ approved_by: 'alice' });
  });

  it('the task list is one, has revisions, and of two writers one is told (OR-1, OR-2)', async () => {
    expect(said(await ops(stage(), 'GET', '/plan'))).toBe('404 E_NOT_FOUND');
    const put = (body: unknown) => ops(stage(), 'PUT', '/plan', body);
    const first = await put({ title: 'Ship it', tasks: ['write', { id: 't2', title: 'test', done: false }] });
    expect(first.status).toBe(200);
    const plan = TaskPlanView.parse(first.body);
    expect(plan).toMatchObject({ title: 'Ship it', status: 'active', revision: 1, updated_by: 'admin' });
    expect(TaskPlanView.parse((await ops(stage(), 'GET', '/plan')).body)).toEqual(plan);
    const writers = Array.from({ length: 10 }, (_, index) => put({ title: `v${index}`, tasks: [], revision: 1 }));
    const answers = await Promise.all(writers);
    expect(answers.filter(({ status }) => status === 200).length).toBe(1);
    for (const answer of answers.filter(({ status }) => status !== 200)) expect(said(answer)).toBe('409 E_REVISION');
    const now = TaskPlanView.parse((await ops(stage(), 'GET', '/plan')).body);
    expect(now).toMatchObject({ id: plan.id, revision: 2, tasks: [] });
    expect(said(await put({ title: '', tasks: [] }))).toBe('422 E_VALIDATION');
    const entries = await auditEntries(stage(), { subject: plan.id });
    expect(entries.map(({ event }) => event)).toEqual(['task_plan.changed', 'task_plan.changed']);
  });
});
