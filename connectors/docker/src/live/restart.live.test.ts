import { join } from 'node:path';
import { tempFolder } from '@countersign/testing';
import { describe, expect, it } from 'vitest';
import { connectDocker, contextOf, restart, stepOf } from './connection.ts';
import { docker, runContainer, untilStopped } from './containers.ts';

const restartOf = (container: string, index = 0) =>
  stepOf('docker.restart_container', { container, stop_timeout_seconds: 2 }, index);

it('restarts once, with a new process that stays', async () => {
  await using container = await runContainer(untilStopped);
  const { before, verify } = await restart(connectDocker(), restartOf(container.name));
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
  const { verify } = await restart(connection, restartOf(container.name));
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

describe('a container that does not stay up', () => {
  const firstTimeOnly = (then: string) => `if [ -e /once ]; then ${then}; fi; touch /once; ${untilStopped}`;

  it('fails with the exit code and the last log lines', async () => {
    await using container = await runContainer(firstTimeOnly('echo "FATAL no database" >&2; exit 3'));
    const { verify } = await restart(connectDocker(), restartOf(container.name));
    await expect(verify()).rejects.toMatchObject({
      code: 'E_VERIFY',
      detail: { state: 'exited', exit_code: 3, last_log_lines: expect.arrayContaining(['FATAL no database']) },
    });
  });

  it('fails although its restart policy starts it again and again', async () => {
    const script = firstTimeOnly('sleep 0.2; echo crashing; exit 4');
    await using container = await runContainer(script, ['--restart', 'always']);
    const { verify } = await restart(connectDocker(), restartOf(container.name));
    await expect(verify()).rejects.toMatchObject({
      code: 'E_VERIFY',
      message: expect.stringMatching(/crashes|does not run/),
      detail: { last_log_lines: expect.arrayContaining(['crashing']) },
    });
  });

  it('does not say what stands in its environment', async () => {
    await using container = await runContainer(firstTimeOnly('exit 3'), ['-e', 'PASSWORD=hunter2']);
    const connection = connectDocker();
    const plan = await connection.plan([restartOf(container.name)], contextOf());
    const { before, applied, verify } = await restart(connection, restartOf(container.name));
    const error = await verify().then(
      () => 'verified',
      (cause: unknown) => cause,
    );
    expect(error).toMatchObject({ code: 'E_VERIFY' });
    const listed = await connection.read(stepOf('docker.list', { all: true }), contextOf());
    const artifact = Buffer.from(listed.artifacts[0]?.content ?? []).toString();
    const said = JSON.stringify([plan, before, applied, error, Object(error).message, listed.summary, artifact]);
    expect(said).toContain(container.id);
    expect(said).not.toContain('hunter2');
  });
});

describe('reconcile', () => {
  it('tells had from not had, waits while the restart may be under way, and leaves the rest open', async () => {
    await using container = await runContainer(untilStopped);
    const step = restartOf(container.name);
    const context = contextOf();
    const connection = connectDocker();
    const { guard } = await connection.observe([step], context);
    const before = await connection.before(step, guard, context);
    const intent = { before, guard, recordedAt: Date.now() };
    const answerAfter = async (offsetMs: number) =>
      (await connectDocker(undefined, offsetMs).reconcile(step, intent, context)).answer;
    expect(await answerAfter(0)).toBe('indeterminate');
    expect(await answerAfter(60_000)).toBe('not_applied');
    await connection.apply(step, before, guard, context);
    expect(await answerAfter(0)).toBe('applied');
    await docker('rm', '-f', container.name);
    expect(await answerAfter(60_000)).toBe('indeterminate');
  });

  it('does not take a start by the restart policy for ours', async () => {
    await using container = await runContainer(untilStopped, ['--restart', 'always']);
    const step = restartOf(container.name);
    const context = contextOf();
    const connection = connectDocker();
    const { guard } = await connection.observe([step], context);
    const before = await connection.before(step, guard, context);
    await docker('exec', container.name, 'kill', '-TERM', '1');
    await expect.poll(() => container.starts(), { timeout: 10_000 }).toBe(2);
    const intent = { before, guard, recordedAt: Date.now() };
    const { answer } = await connectDocker(undefined, 60_000).reconcile(step, intent, context);
    expect(answer).toBe('indeterminate');
  });
});

it('names the socket of a daemon that is not there', async () => {
  const socket = join(tempFolder(), 'none.sock');
  const connection = connectDocker(socket);
  const refused = { code: 'E_TARGET_UNREACHABLE', effect: 'none', message: expect.stringContaining(socket) };
  await expect(connection.plan([restartOf('web')], contextOf())).rejects.toMatchObject(refused);
  await expect(connection.read(stepOf('docker.list', {}), contextOf())).rejects.toMatchObject(refused);
  expect(await connection.readiness(AbortSignal.timeout(5000))).toMatchObject({ status: 'unavailable' });
});

it('tells the version of a daemon that is there', async () => {
  const { status, message } = await connectDocker().readiness(AbortSignal.timeout(5000));
  expect({ status, message }).toEqual({
    status: 'ready',
    message: expect.stringMatching(/^Docker \S+, API \d+\.\d+, answered in \d+ ms$/),
  });
});

it('lists by name, with and without those that do not run', async () => {
  await using running = await runContainer(untilStopped);
  await using stopped = await runContainer('exit 0');
  await docker('wait', stopped.name);
  const list = async (inputs: object) => {
    const { summary, artifacts } = await connectDocker().read(stepOf('docker.list', { ...inputs }), contextOf());
    const raw: unknown = JSON.parse(Buffer.from(artifacts[0]?.content ?? []).toString());
    return { summary, raw };
  };
  expect((await list({ name: running.name })).summary).toMatchObject({
    count: 1,
    containers: [{ name: running.name, id: running.id, image: 'countersign/busybox:1', state: 'running' }],
    truncated: false,
  });
  expect((await list({ name: stopped.name })).summary).toMatchObject({ count: 0 });
  const all = await list({ all: true, name: stopped.name });
  expect(all.summary).toMatchObject({ count: 1, containers: [{ state: 'exited' }] });
  expect(all.raw).toMatchObject([{ Id: stopped.id, Command: '[withheld]' }]);
});
