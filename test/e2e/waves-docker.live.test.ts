import { GroupView } from '@countersign/protocol';
import { type CountersignResult, dockerSocket, makeTempFolder, runCountersign } from '@countersign/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { docker, type LiveContainer, runContainer, untilStopped } from '../../connectors/docker/src/live/containers.ts';
import { verified } from './harness/bundle.ts';
import { type Stage, withPeople } from './harness/describe-server.ts';
import { anchored } from './harness/flow.ts';
import { openServer } from './harness/open-server.ts';

/** Runs once; each later start ends at once with exit 3. */
const onceOnly = `if [ -f /ran ]; then exit 3; fi; : > /ran; ${untilStopped}`;
const containers = new Map<string, LiveContainer>();
let stage: Stage;

beforeAll(async () => {
  for (const [name, script, labels] of [
    ['web-1', untilStopped, ['app=web', 'tier=front']],
    ['web-2', untilStopped, ['app=web', 'tier=front']],
    ['web-3', onceOnly, ['app=web', 'tier=front']],
    ['web-4', untilStopped, ['app=web', 'tier=front']],
    ['web-5', untilStopped, ['app=web', 'tier=front', 'api.token=hunter2hunter2']],
    ['db-1', untilStopped, ['app=db']],
  ] as const) {
    const container = await runContainer(
      script,
      labels.flatMap((label) => ['--label', label]),
    );
    await docker('rename', container.name, name);
    containers.set(name, container);
  }
  const target = { name: 'docks', project: 'docks', environment: 'dev', connector: 'docker' };
  stage = await withPeople(
    await openServer('sqlite', { targets: [{ ...target, config: { socket: dockerSocket() } }] }),
  );
});
afterAll(async () => {
  for (const container of containers.values()) await container[Symbol.asyncDispose]();
  await stage.close();
});

async function countersign(...words: string[]): Promise<CountersignResult> {
  using folder = makeTempFolder();
  const { url, alice } = stage;
  const env = { COUNTERSIGN_SERVER: url, COUNTERSIGN_TOKEN: alice.token, COUNTERSIGN_DATA_DIR: folder.path };
  return await runCountersign([...words, '--no-input', '--no-color'], { env, cwd: folder.path });
}

/** When each container was started last, by the daemon's word. */
async function startedAt(): Promise<Map<string, string>> {
  const names = [...containers.keys()];
  const times = await docker('inspect', '--format', '{{.State.StartedAt}}', ...names);
  return new Map(times.split('\n').map((time, index) => [names[index] ?? '', time]));
}

const changed = (before: Map<string, string>, after: Map<string, string>): string[] =>
  [...before].filter(([name, time]) => after.get(name) !== time).map(([name]) => name);

it('the inventory of a daemon shows labels and its age, and nothing that may be a secret', async () => {
  const live = await countersign('targets', 'inventory', 'docks', '--live');
  expect(live.code, live.stderr).toBe(0);
  expect(live.stdout).toMatch(/container\s+6, read now/);
  expect(live.stdout).toMatch(/web-1 .*app=web,tier=front/);
  expect(live.stdout).not.toContain('hunter2');
  expect(live.stdout).toContain('api.token=[withheld]');
  const kept = await countersign('targets', 'inventory', 'docks', '--max-age', '600');
  expect(kept.stdout).toMatch(/container\s+6, \d+ s old/);
});

it('of five containers in waves the one that does not come up stops the rest: their StartedAt stays as it was (DO-9, DO-12, DO-16)', async () => {
  const before = await startedAt();
  const words = ['do', 'docker.restart_container', 'stop_timeout_seconds=1', '--target', 'docks'];
  const done = await countersign(
    ...words,
    '--selector',
    'app=web,tier!=db',
    '--waves',
    '1,50%,100%',
    '--yes',
    '--json',
  );
  expect(done.code, done.stderr).not.toBe(0);
  const group = GroupView.parse(JSON.parse(done.stdout));
  expect(group.waves).toMatchObject({ state: 'stopped', begun: 2, stop: { wave: 2 } });
  const byName = new Map(group.waves?.waves.flatMap(({ members }) => members).map(({ name, op_id }) => [name, op_id]));
  expect(group.waves?.stop?.op_id).toBe(byName.get('web-3'));
  const after = await startedAt();
  expect(changed(before, after)).toEqual(['web-1', 'web-2', 'web-3']);
  for (const untouched of ['web-4', 'web-5', 'db-1']) expect(await containers.get(untouched)?.starts()).toBe(1);
  const shown = await countersign('group', 'show', group.group_id);
  expect(shown.stdout).toMatch(/Stopped in wave 2: .*web-3|Stopped in wave 2/);
  expect(shown.stderr).toContain('countersign do docker.restart_container --target docks --names web-4,web-5');
  const [first] = group.operations;
  await anchored(stage.alice.client, first?.op_id ?? '');
  expect((await verified(stage.alice.client, first?.bundle_id ?? '')).state).toBe('pass');
}, 120_000);

it('what was not started is proposed again by name, and runs', async () => {
  const before = await startedAt();
  const words = ['do', 'docker.restart_container', 'stop_timeout_seconds=1', '--target', 'docks'];
  const done = await countersign(...words, '--names', 'web-4,web-5', '--waves', '100%', '--yes');
  expect(done.code, done.stderr).toBe(0);
  expect(done.stderr).toMatch(/succeeded, 1 of 1 waves/);
  expect(changed(before, await startedAt())).toEqual(['web-4', 'web-5']);
}, 120_000);

it('labels that nothing has are refused with the nearest', async () => {
  const none = await countersign('do', 'docker.restart_container', '--target', 'docks', '--selector', 'app=wbe');
  expect(none.code).toBe(1);
  expect(none.stderr).toMatch(/app=web/);
});
