import { change, contextOf } from '@countersign/connector-kit/conformance';
import { describe, expect, it } from 'vitest';
import { connectDocker, restartOf } from './connection.ts';
import { docker, runContainer, untilStopped } from './containers.ts';

it('restarts once, with a new process that stays', async () => {
  await using container = await runContainer(untilStopped);
  const { before, verify } = await change(connectDocker(), restartOf(container.name));
  const after = await verify();
  expect(await container.starts()).toBe(2);
  expect(before).toMatchObject({ id: container.id, state: 'running', health: 'none' });
  expect(after).toMatchObject({ id: container.id, state: 'running' });
  expect(after).not.toMatchObject({ pid: Object(before).pid });
});

it.each(['stop', 'pause'])('brings a container back after docker %s', async (command) => {
  await using container = await runContainer(untilStopped);
  await docker(command, container.name);
  const connection = connectDocker();
  const { checks } = await connection.plan([restartOf(container.name)], contextOf());
  expect(checks).toContainEqual(expect.objectContaining({ id: `container_running:${container.name}`, status: 'warn' }));
  const { verify } = await change(connection, restartOf(container.name));
  expect(await verify()).toMatchObject({ state: 'running' });
  expect(await container.starts()).toBe(2);
});

it('restarts a list, each container once, with one guard', async () => {
  await using first = await runContainer(untilStopped);
  await using second = await runContainer(untilStopped);
  const connection = connectDocker();
  const steps = [restartOf(first.name), restartOf(second.id.slice(0, 12), 1)];
  const context = contextOf();
  let { guard } = await connection.observe(steps, context);
  for (const step of steps) {
    const before = await connection.before(step, guard, context);
    const applied = await connection.apply(step, before, guard, context);
    await connection.verify(step, before, applied, context);
    guard = applied.guard;
  }
  expect([await first.starts(), await second.starts()]).toEqual([2, 2]);
});

it('plans the same from one state, and another plan from another', async () => {
  await using container = await runContainer(untilStopped);
  const planned = async (offsetMs: number) => {
    const connection = connectDocker(undefined, offsetMs);
    const { volatile, ...digested } = await connection.plan([restartOf(container.name)], contextOf());
    return { volatile, digested };
  };
  const [first, second] = [await planned(0), await planned(3_600_000)];
  expect(second.digested).toEqual(first.digested);
  expect(second.volatile).not.toEqual(first.volatile);
  expect(first.digested.diffs).toMatchObject([{ path: `containers/${container.name}` }]);
  await docker('stop', '-t', '1', container.name);
  expect((await planned(0)).digested).not.toEqual(first.digested);
});

it('plans a missing container as a failing check with the nearest names', async () => {
  await using container = await runContainer(untilStopped);
  const { checks, diffs, preconditions } = await connectDocker().plan([restartOf(`${container.name}x`)], contextOf());
  expect(checks).toMatchObject([
    { status: 'fail', severity: 'error', message: expect.stringContaining(container.name) },
  ]);
  expect(diffs).toEqual([]);
  expect(preconditions).toMatchObject([{ observed: { exists: false } }]);
});

it('warns of containers that share the network', async () => {
  await using container = await runContainer(untilStopped);
  await using sharing = await runContainer(untilStopped, ['--network', `container:${container.name}`]);
  const { checks } = await connectDocker().plan([restartOf(container.name)], contextOf());
  const check = checks.find(({ id }) => id.startsWith('network_dependents'));
  expect(check).toMatchObject({ status: 'warn', message: expect.stringContaining(sharing.name) });
});

describe('stale', () => {
  it('refuses before and apply when somebody else restarted the container meanwhile', async () => {
    await using container = await runContainer(untilStopped);
    const connection = connectDocker();
    const step = restartOf(container.name);
    const context = contextOf();
    const { guard } = await connection.observe([step], context);
    const before = await connection.before(step, guard, context);
    await docker('restart', '-t', '1', container.name);
    const stale = { code: 'E_PLAN_STALE', effect: 'none', detail: { moved: 'started_at' } };
    await expect(connection.before(step, guard, context)).rejects.toMatchObject(stale);
    await expect(connection.apply(step, before, guard, context)).rejects.toMatchObject(stale);
    expect(await container.starts()).toBe(2);
  });

  it('refuses when another container took the name', async () => {
    await using container = await runContainer(untilStopped);
    const connection = connectDocker();
    const step = restartOf(container.name);
    const context = contextOf();
    const { guard } = await connection.observe([step], context);
    const before = await connection.before(step, guard, context);
    await docker('rm', '-f', container.name);
    await using other = await runContainer(untilStopped);
    await docker('rename', other.name, container.name);
    await expect(connection.before(step, guard, context)).rejects.toMatchObject({
      code: 'E_PLAN_STALE',
      detail: { moved: 'container' },
    });
    await expect(connection.apply(step, before, guard, context)).rejects.toMatchObject({
      code: 'E_TARGET_MISSING',
      effect: 'none',
    });
    expect(await other.starts()).toBe(1);
  });
});
