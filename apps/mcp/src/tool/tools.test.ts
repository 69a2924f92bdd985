import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CodedError } from '@countersign/protocol';
import { expect, onTestFinished, test } from 'vitest';
import { connectedClient, type FakeRoutes, fakeBridge } from '../fixture/fake-bridge.ts';
import { sampleApproved, sampleId } from '../fixture/samples.ts';

async function opened(server: FakeRoutes) {
  const fake = fakeBridge(server);
  const client = await connectedClient(fake.bridge);
  onTestFinished(() => client.close());
  const call = (name: string, given: Record<string, unknown>) => client.callTool({ name, arguments: given });
  return { ...fake, client, call };
}

const notFound = () => {
  throw new CodedError('E_NOT_FOUND', 'nothing was approved under that id that you may see');
};

test('no tool decides, and each that changes something demands an idempotency key (OR-7)', async () => {
  const { client } = await opened({});
  const { tools } = await client.listTools();
  expect(tools.filter(({ name }) => /approv|confirm|reject|resolve|break|decide|edit|token/.test(name))).toEqual([]);
  const changing = tools.filter(({ annotations }) => annotations?.readOnlyHint !== true);
  // What an agent says of an instruction it holds has its lease for a key, and the number of the report.
  expect(Object.fromEntries(changing.map(({ name, inputSchema }) => [name, inputSchema.required]))).toEqual({
    propose: ['idempotency_key'],
    create_run: ['approved_id', 'idempotency_key'],
    claim_dispatch: ['idempotency_key'],
    heartbeat_dispatch: ['run_id', 'lease'],
    report_dispatch: ['run_id', 'lease', 'number', 'text'],
    finish_dispatch: ['run_id', 'lease', 'result'],
  });
  for (const { annotations } of changing)
    expect(annotations).toMatchObject({ readOnlyHint: false, idempotentHint: true });
  for (const { inputSchema } of tools) expect(JSON.stringify(inputSchema)).not.toContain('$ref');
});

test('this program asks the server for nothing that could hold what was not approved', () => {
  const source = join(import.meta.dirname, '..');
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) =>
    /(?<!\.test)\.ts$/.test(file),
  );
  const asked = files.flatMap((file) =>
    [...readFileSync(join(source, file), 'utf8').matchAll(/\b(?:call|stream|events)\('(\w*)'/g)].map(([, id]) => id),
  );
  expect([...new Set(asked)].sort()).toEqual([
    'actions',
    'approvedGet',
    'approvedList',
    'dispatchClaim',
    'dispatchFinish',
    'dispatchHeartbeat',
    'dispatchReport',
    'evidence',
    'opsPlan',
    'repositoryStatus',
    'runCreate',
    'runLog',
    'targets',
    'taskPlanGet',
    'whoami',
  ]);
});

test('create_run looks whether it is approved, then starts it under the key of the call', async () => {
  const { call, calls } = await opened({
    approvedGet: () => sampleApproved(),
    runCreate: () => ({ run_id: sampleId.run }),
  });
  const given = { approved_id: sampleId.approved, idempotency_key: 'once' };
  expect((await call('create_run', given)).structuredContent).toMatchObject({ run_id: sampleId.run });
  expect(calls.map(({ id, params, body }) => [id, params, body])).toEqual([
    ['approvedGet', { approved_id: sampleId.approved }, null],
    ['runCreate', {}, { approved_id: sampleId.approved, request_id: 'once' }],
  ]);
});

test.each([
  [sampleId.draft, []],
  ['', []],
  ['a_short', []],
  [sampleId.op, []],
  [sampleId.approved.toLowerCase(), []],
  [`${sampleId.approved}/../${sampleId.approved}`, []],
  [sampleId.approved, ['approvedGet']],
])(
  'create_run, resources and prompts refuse %j alike, and only an approved spelling is looked up (OR-7)',
  async (id, asked) => {
    const { client, call, calls, pauses } = await opened({ approvedGet: notFound });
    const words = `Nothing approved is known here as "${id}".`;
    await expect(call('create_run', { approved_id: id, idempotency_key: 'k' })).rejects.toMatchObject({
      code: -32_602,
      message: expect.stringContaining(words),
    });
    await expect(client.getPrompt({ name: 'orch_dispatch', arguments: { approved_id: id } })).rejects.toMatchObject({
      code: -32_602,
      message: expect.stringContaining(words),
    });
    expect(calls.map((each) => each.id)).toEqual([...asked, ...asked]);
    expect(pauses).toHaveLength(2);
    if (!/^[\w]+$/.test(id)) return;
    const uri = `ops://approved/${id}`;
    await expect(client.readResource({ uri })).rejects.toMatchObject({
      code: -32_602,
      message: expect.stringContaining(words),
      data: { uri },
    });
  },
);

test.each(['E_NOT_FOUND', 'E_NOT_APPROVED', 'E_APPROVAL_REQUIRED', 'E_GONE'] as const)(
  'a start that the server refuses with %s after all is as an unknown id',
  async (code) => {
    const { call } = await opened({
      approvedGet: () => sampleApproved(),
      runCreate: () => {
        throw new CodedError(code, 'secret words');
      },
    });
    const refused = call('create_run', { approved_id: sampleId.approved, idempotency_key: 'k' });
    await expect(refused).rejects.toMatchObject({ code: -32_602, message: expect.not.stringContaining('secret') });
  },
);

test('a refusal that a caller can act on is a result with code and next step', async () => {
  const { call, client } = await opened({
    approvedGet: () => sampleApproved(),
    approvedList: () => {
      throw new CodedError('E_AUTH_FORBIDDEN', 'your token lacks the scope');
    },
    runCreate: () => {
      throw new CodedError('E_PANIC', 'panic mode is on', { next: 'wait' });
    },
  });
  const result = await call('create_run', { approved_id: sampleId.approved, idempotency_key: 'k' });
  expect(result).toMatchObject({ isError: true });
  expect(JSON.stringify(result.content)).toContain('E_PANIC');
  expect(JSON.stringify(result.content)).toContain('wait');
  await expect(client.readResource({ uri: 'ops://approved' })).rejects.toMatchObject({
    code: -32_603,
    data: { code: 'E_AUTH_FORBIDDEN' },
  });
});

test('completion offers approved ids alone: the beginning of a draft’s id completes to nothing', async () => {
  const { client, calls } = await opened({ approvedList: () => ({ approved: [sampleApproved()] }) });
  const complete = async (ref: Parameters<typeof client.complete>[0]['ref'], name: string, value: string) =>
    (await client.complete({ ref, argument: { name, value } })).completion.values;
  const prompt = { type: 'ref/prompt', name: 'sub_dispatch' } as const;
  const resource = { type: 'ref/resource', uri: 'ops://approved/{id}' } as const;
  for (const [ref, name] of [
    [prompt, 'approved_id'],
    [resource, 'id'],
  ] as const) {
    expect(await complete(ref, name, 'a_')).toEqual([sampleId.approved]);
    expect(await complete(ref, name, sampleId.draft.slice(0, 6))).toEqual([]);
    expect(await complete(ref, name, 'a_zzz')).toEqual([]);
  }
  expect(new Set(calls.map(({ id }) => id))).toEqual(new Set(['approvedList']));
});

test('the repository of ops://context is the named one or the only one, never a guess', async () => {
  const repository = (name: string, connector = 'repo') => ({
    name,
    project: 'shop',
    environment: 'dev',
    tier: 'dev',
    connector,
    served: true,
    workers: [],
    lockedBy: null,
  });
  const refused = () => {
    throw new CodedError('E_WORKER_UNAVAILABLE', 'no worker serves it');
  };
  const read = async (names: readonly string[], chosen: string | null) => {
    const targets = [...names.map((name) => repository(name)), repository('web', 'docker')];
    const { bridge, calls } = fakeBridge(
      { targets: () => ({ targets }), repositoryStatus: refused },
      { repository: chosen },
    );
    const client = await connectedClient(bridge);
    const { contents } = await client.readResource({ uri: 'ops://context' });
    await client.close();
    const [content] = contents;
    const text = content !== undefined && 'text' in content ? content.text : '{}';
    return { context: JSON.parse(text), asked: calls.map(({ id }) => id) };
  };
  expect((await read(['one'], null)).context).toMatchObject({
    active_repository: { name: 'one' },
    status: null,
    reason: { code: 'E_WORKER_UNAVAILABLE' },
  });
  expect((await read(['one', 'two'], 'two')).context).toMatchObject({ active_repository: { name: 'two' } });
  const guess = await read(['one', 'two'], null);
  expect(guess).toMatchObject({
    context: { active_repository: null, repositories: ['one', 'two'] },
    asked: ['targets'],
  });
  expect((await read([], null)).context).toMatchObject({ active_repository: null, reason: 'you see no repository' });
  expect((await read(['one'], 'other')).context).toMatchObject({ reason: 'you see no repository "other"' });
});
