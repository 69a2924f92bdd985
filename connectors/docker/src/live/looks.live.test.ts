import { contextOf } from '@countersign/connector-kit/conformance';
import { waitUntil } from '@countersign/testing';
import { expect, it } from 'vitest';
import { connectDocker, stepOf } from './connection.ts';
import { docker, runContainer, untilStopped } from './containers.ts';

const artifact = (artifacts: readonly { content: Uint8Array }[]) => Buffer.from(artifacts[0]?.content ?? []).toString();

it('inspects a container: how it is set up, and no secret of it (DO-8)', async () => {
  const options = ['-e', 'PASSWORD=hunter2', '-l', 'token=hunter2', '--memory', '64m', '-v', '/data'];
  await using container = await runContainer(untilStopped, options);
  const { summary, artifacts } = await connectDocker().read(
    stepOf('docker.inspect', { container: container.name }),
    contextOf(),
  );
  expect(summary).toMatchObject({
    ...{ container: container.name, container_id: container.id, state: 'running', health: 'none', truncated: false },
    ...{ limits: { memory_bytes: 67_108_864 }, networks: ['bridge'], variables: expect.arrayContaining(['PASSWORD']) },
    mounts: [{ type: 'volume', destination: '/data', writable: true }],
  });
  const whole = artifact(artifacts);
  expect(JSON.parse(whole)).toMatchObject({
    Id: container.id,
    Config: { Env: expect.arrayContaining(['PASSWORD=[withheld]']) },
  });
  expect(`${whole}${JSON.stringify(summary)}`).not.toContain('hunter2');
});

it('measures a container: a busy one uses CPU (DO-8)', async () => {
  await using container = await runContainer('while :; do :; done');
  const step = stepOf('docker.stats', { container: container.name, samples: 2 });
  const { summary, artifacts } = await connectDocker().read(step, contextOf());
  expect(summary).toMatchObject({ samples: 2, ended: 'all_samples', truncated: false, last: { processes: 1 } });
  expect(Number(Object(summary['cpu_percent']).most)).toBeGreaterThan(5);
  expect(artifact(artifacts).trim().split('\n')).toHaveLength(2);
});

it('tells what happened to one container, and not what it was told (DO-8)', async () => {
  await using container = await runContainer(untilStopped, ['-l', 'token=hunter2']);
  await docker('exec', container.name, 'sh', '-c', 'true hunter2');
  await docker('restart', '-t', '1', container.name);
  const step = stepOf('docker.events', { container: container.name, since: '5m' });
  const context = contextOf();
  const { summary, artifacts } = await connectDocker().read(step, context);
  expect(summary).toMatchObject({
    ...{ container: container.name, ended: 'end_of_events', truncated: false },
    events: { create: 1, start: 2, restart: 1, exec_create: 1 },
    containers: { [container.name]: summary['count'] },
  });
  expect(artifact(artifacts)).toBe(context.text());
  expect(`${artifact(artifacts)}${JSON.stringify(summary)}`).not.toContain('hunter2');
});

it('follows events until it is cancelled, and answers with what came', async () => {
  await using container = await runContainer(untilStopped);
  const abort = new AbortController();
  const context = contextOf({ signal: abort.signal });
  const step = stepOf('docker.events', { container: container.name, since: '1s', follow: true });
  const following = connectDocker().read(step, context);
  await docker('pause', container.name);
  await docker('unpause', container.name);
  await waitUntil('both are told', () => context.text().includes('"unpause"'));
  abort.abort();
  const { summary } = await following;
  expect(summary).toMatchObject({ ended: 'cancelled', events: { pause: 1, unpause: 1 } });
});
