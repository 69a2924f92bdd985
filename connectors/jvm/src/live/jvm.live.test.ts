import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Exec, localExec } from '@countersign/connector-kit';
import { change, contextOf } from '@countersign/connector-kit/conformance';
import { dockerSocket, waitUntil } from '@countersign/testing';
import { describe, expect, it } from 'vitest';
import { connectTo, stepOf } from './connection.ts';
import { jdks, startContainedJvm, startJvm } from './jvms.ts';
import { both, looksAround } from './looks-around.ts';

const known = await jdks();

it('DO-6 there is a JDK 17 to test with', () => {
  expect(known.map(({ version }) => version)).toContain(17);
});

describe.each(known.filter(({ version }) => version === 17 || version === 25))('DO-6 JVM $version', (jdk) => {
  const here = { jcmd: join(jdk.home, 'bin/jcmd') };

  it('here: both threads of a deadlock are named, and it collects once', async () => {
    await using jvm = await startJvm(jdk);
    await looksAround(here, jvm);
  });

  it('in a container: the same', async () => {
    await using jvm = await startContainedJvm(jdk);
    await looksAround(
      { ...here, place: { kind: 'container', docker: { socket: dockerSocket() }, container: jvm.container } },
      jvm,
    );
  });

  it('another JVM of the same name makes the plan stale, and so does one that has ended', async () => {
    await using jvm = await startJvm(jdk);
    const connection = connectTo(here);
    const step = stepOf('jvm.gc', { jvm: jvm.name });
    const planned = await connection.plan([step], contextOf());
    const { guard } = await connection.observe([step], contextOf());
    const before = await connection.before(step, guard, contextOf());
    const stale = { code: 'E_PLAN_STALE', effect: 'none' };
    await expect(
      connection.apply(step, before, { jvms: [{ pid: jvm.pid, began_at: 1 }] }, contextOf()),
    ).rejects.toMatchObject(stale);
    expect(await jvm.collections()).toBe(0);
    await jvm[Symbol.asyncDispose]();
    await expect(connection.apply(step, before, guard, contextOf())).rejects.toMatchObject(stale);
    expect((await connection.observe([step], contextOf())).preconditions).not.toEqual(planned.preconditions);
    expect((await connection.reconcile(step, { before, guard, recordedAt: 0 }, contextOf())).answer).toBe(
      'indeterminate',
    );
  });

  it('has one effect though its worker is killed between intent and outcome', async () => {
    await using jvm = await startJvm(jdk);
    const connection = connectTo(here, 60_000);
    const step = stepOf('jvm.gc', { jvm: jvm.name });
    const { guard } = await connection.observe([step], contextOf());
    const before = await connection.before(step, guard, contextOf());
    const answer = async () =>
      (await connection.reconcile(step, { before, guard, recordedAt: Date.now() }, contextOf())).answer;
    expect(await answer()).toBe('not_applied');
    // What the worker has started when it is killed.
    const begun = spawn(here.jcmd, [String(jvm.pid), 'GC.run'], { stdio: 'ignore', detached: true });
    await once(begun, 'close');
    expect(await answer()).toBe('applied');
    expect(await jvm.collections()).toBe(1);
  });
});

describe.each(known.filter(({ version }) => version === 17))('JVM $version', (jdk) => {
  const jcmd = join(jdk.home, 'bin/jcmd');

  it('a name that is not there offers the nearest, and one that several have their numbers', async () => {
    await using jvm = await startJvm(jdk);
    const checks = async (asked: string) =>
      (await connectTo({ jcmd }).plan([stepOf('jvm.gc', { jvm: asked })], contextOf())).checks;
    expect(await checks(`${jvm.name}x`)).toMatchObject([
      { status: 'fail', message: expect.stringContaining(`nearest: ${jvm.name}`) },
    ]);
    const twice: Exec = {
      run: async (request) => {
        const answer = await localExec.run(request);
        const again = request.args[0] === '-l' ? `1${jvm.pid} ${jvm.name}\n` : '';
        return { ...answer, stdout: Buffer.concat([answer.stdout, Buffer.from(again)]) };
      },
    };
    const connection = connectTo({ jcmd }, 0, twice);
    await expect(connection.read(stepOf('jvm.status', { jvm: jvm.name }), contextOf())).rejects.toMatchObject({
      code: 'E_TARGET_MISSING',
      detail: { choices: [`${jvm.name} (${jvm.pid})`, `${jvm.name} (1${jvm.pid})`] },
    });
  });

  it('a number that is no JVM is sent nothing: jcmd would end it by a signal', async () => {
    const bystander = spawn('sleep', ['60'], { stdio: 'ignore' });
    await once(bystander, 'spawn');
    const reading = connectTo({ jcmd }).read(stepOf('jvm.status', { jvm: String(bystander.pid) }), contextOf());
    await expect(reading).rejects.toMatchObject({ code: 'E_TARGET_MISSING' });
    await sleep(300);
    expect([bystander.exitCode, bystander.signalCode]).toEqual([null, null]);
    bystander.kill('SIGKILL');
  });

  it('one that never collects is a failing check; one whose program may not ask, a warning', async () => {
    const status = async (options: readonly string[]) => {
      await using jvm = await startJvm(jdk, options);
      const { checks } = await connectTo({ jcmd }).plan([stepOf('jvm.gc', { jvm: jvm.name })], contextOf());
      return checks.find(({ id }) => id === `collects_when_asked:${jvm.name}`)?.status;
    };
    expect(await status(['-XX:+UnlockExperimentalVMOptions', '-XX:+UseEpsilonGC'])).toBe('fail');
    expect(await status(['-XX:+DisableExplicitGC'])).toBe('warn');
  });

  it.each(['-XX:+UseSerialGC', '-XX:+UseParallelGC', '-XX:+UseZGC', '-XX:+UseShenandoahGC'])(
    'collects and is read under %s',
    async (flag) => {
      await using jvm = await startJvm(jdk, [flag]);
      const connection = connectTo({ jcmd });
      const { summary } = await connection.read(stepOf('jvm.heap_info', { jvm: jvm.name }), contextOf());
      expect(summary).toMatchObject({ collector: flag.slice(8, -2), heap: { used_bytes: expect.any(Number) } });
      const { verify } = await change(connection, stepOf('jvm.gc', { jvm: jvm.name }));
      expect(await verify()).toMatchObject({ last_cause: 'Diagnostic Command' });
    },
  );

  it('a JVM of another user is not seen, and the answer says what to do', async () => {
    await using jvm = await startJvm(jdk);
    const asNobody: Exec = {
      run: (request) =>
        localExec.run({
          ...request,
          file: 'setpriv',
          args: ['--reuid=65534', '--clear-groups', request.file, ...request.args],
        }),
    };
    const reading = connectTo({ jcmd }, 0, asNobody).read(stepOf('jvm.status', { jvm: String(jvm.pid) }), contextOf());
    await expect(reading).rejects.toMatchObject({
      code: 'E_TARGET_MISSING',
      detail: { next: expect.stringContaining('as root') },
    });
  });

  it('cuts a dump at the cap, and still names the deadlock', async () => {
    await using jvm = await startJvm(jdk);
    const context = contextOf({ outputCapBytes: 1000 });
    const { summary, artifacts } = await connectTo({ jcmd }).read(
      stepOf('jvm.thread_dump', { jvm: jvm.name }),
      context,
    );
    expect(summary).toMatchObject({ truncated: true, deadlocks: [both] });
    expect(artifacts[0]?.content.length).toBeLessThanOrEqual(1000);
  });

  it('ends a read of a JVM that stands still when it is cancelled, and at its limit', async () => {
    await using jvm = await startJvm(jdk);
    process.kill(jvm.pid, 'SIGSTOP');
    try {
      const reading = (signal: AbortSignal) =>
        connectTo({ jcmd }).read(stepOf('jvm.thread_dump', { jvm: jvm.name }), contextOf({ signal }));
      const abort = new AbortController();
      const cancelled = reading(abort.signal);
      await sleep(500);
      abort.abort();
      await expect(cancelled).rejects.toMatchObject({ code: 'E_CANCELLED', effect: 'none' });
      await expect(reading(AbortSignal.timeout(1000))).rejects.toMatchObject({ code: 'E_TIMEOUT', effect: 'none' });
    } finally {
      process.kill(jvm.pid, 'SIGCONT');
    }
    await waitUntil('it answers again', async () => (await jvm.collections()) >= 0);
  });
});
