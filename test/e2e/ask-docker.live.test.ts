import { OperationView, PlanPromptView } from '@countersign/protocol';
import { type CountersignResult, dockerSocket, makeTempFolder, runCountersign } from '@countersign/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { docker, type LiveContainer, runContainer, untilStopped } from '../../connectors/docker/src/live/containers.ts';
import { verified } from './harness/bundle.ts';
import { type Stage, withPeople } from './harness/describe-server.ts';
import { anchored } from './harness/flow.ts';
import { openServer } from './harness/open-server.ts';

let stage: Stage;
const containers = new Map<string, LiveContainer>();
const docksIn = (environment: string) => ({
  ...{ name: `docks-${environment}`, project: 'docks', environment, connector: 'docker' },
  config: { socket: environment === 'prod' ? '/nowhere/docker.sock' : dockerSocket() },
});

beforeAll(async () => {
  for (const name of ['web', 'worker', 'worker-mail']) {
    const container = await runContainer(untilStopped);
    await docker('rename', container.name, name);
    containers.set(name, container);
  }
  stage = await withPeople(await openServer('sqlite', { targets: [docksIn('stage'), docksIn('prod')] }));
});
afterAll(async () => {
  for (const container of containers.values()) await container[Symbol.asyncDispose]();
  await stage.close();
});

async function ask(sentence: string, ...options: string[]): Promise<CountersignResult & { said: unknown[] }> {
  using folder = makeTempFolder();
  const { url, alice } = stage;
  const env = { COUNTERSIGN_SERVER: url, COUNTERSIGN_TOKEN: alice.token, COUNTERSIGN_DATA_DIR: folder.path };
  const words = ['ask', sentence, '--json', '--no-input', ...options];
  const result = await runCountersign(words, { env, cwd: folder.path });
  return {
    ...result,
    said: result.stdout
      .split('\n')
      .filter(Boolean)
      .map((line): unknown => JSON.parse(line)),
  };
}

const startsOf = async (name: string): Promise<number> => (await containers.get(name)?.starts()) ?? 0;

async function expectRestart(sentence: string, name: string): Promise<void> {
  const before = await startsOf(name);
  const done = await ask(sentence, '--yes');
  expect(done.code, done.stderr).toBe(0);
  expect(done.said[0]).toMatchObject({ kind: 'plan', planned_by: { planner: 'rules' }, meta: { tokens_in: 0 } });
  const view = OperationView.parse(done.said[1]);
  expect(view).toMatchObject({
    status: 'succeeded',
    note: sentence,
    target: { name: 'docks-stage' },
    steps: [{ action: 'docker.restart_container', inputs: { container: name } }],
    approvals: [{ kind: 'confirm', principal: 'alice' }],
  });
  expect(await startsOf(name)).toBe(before + 1);
  await anchored(stage.alice.client, view.op_id);
  expect((await verified(stage.alice.client, view.bundle_id)).state).toBe('pass');
}

it('DO-13, DO-16: with no model a sentence is planned, confirmed, run on real Docker and sealed', async () => {
  await expectRestart('restart the web container in stage', 'web');
});

it('DO-13: the same in Spanish', async () => {
  await expectRestart('por favor, reinicia el contenedor worker en stage', 'worker');
});

it('DO-13: a mistyped container is asked about and never restarted; "delete everything" is refused with its reason', async () => {
  const before = await startsOf('web');
  const typo = await ask('restart the wbe container in stage', '--yes');
  expect([typo.code, typo.stderr]).toEqual([2, expect.stringContaining('Did you mean web')]);
  const view = PlanPromptView.parse(typo.said[0]);
  expect(view.plan.clarify?.options).toContainEqual({ label: 'web', prompt: 'restart the web container in stage' });
  const all = await ask('delete everything', '--yes');
  expect([all.code, all.stderr]).toEqual([2, expect.stringContaining('It asks for everything at once.')]);
  expect(await startsOf('web')).toBe(before);
});

it('a target that cannot be looked at is told, and is never taken for one that holds nothing', async () => {
  const asked = await ask('restart worker-mail', '--yes');
  expect([asked.code, asked.stderr]).toEqual([2, expect.stringMatching(/could not look at .*docks-prod/)]);
  expect(asked.stderr).toContain('What docks-prod (docks, prod) holds could not be read');
  const named = await ask('restart worker-mail on docks-prod', '--yes');
  expect([named.code, named.stderr]).toEqual([2, expect.stringContaining('could not be read')]);
});

it('DO-13: a read runs at once, also by the short id that docker prints', async () => {
  const id = containers.get('worker-mail')?.id.slice(0, 12) ?? '';
  const read = await ask(`show the last 5 log lines of ${id} in stage`);
  expect(read.code, read.stderr).toBe(0);
  expect(read.said[1]).toMatchObject({ status: 'succeeded' });
});
