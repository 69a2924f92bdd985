import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { change, contextOf } from '@countersign/connector-kit/conformance';
import { waitUntil } from '@countersign/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configOf, connectTo, stepOf } from './connection.ts';
import { type Machine, startMachine } from './machine.ts';

const of = (verb: string, service: string, index = 0) =>
  stepOf(`service.${verb}`, { service, stable_seconds: 1 }, index);

describe.each(['systemd', 'supervisord', 'sysvinit'] as const)('DO-9 %s', (kind) => {
  let machine: Machine;
  beforeAll(async () => {
    machine = await startMachine(kind);
    if (!(await machine.isUp('alpha'))) await machine.manage('start', 'alpha');
  });
  afterAll(async () => await machine[Symbol.asyncDispose]());

  it('is found by itself, and answers', async () => {
    const readiness = await connectTo(machine).readiness(AbortSignal.timeout(20_000));
    expect(readiness).toEqual({ status: 'ready', message: expect.stringMatching(new RegExp(`^${kind}`)) });
  });

  it('restarts once: another process, that stays', async () => {
    const was = await machine.counted('alpha');
    const { before, verify } = await change(connectTo(machine), of('restart', 'alpha'));
    expect(before).toMatchObject({ phase: 'running' });
    const after = await verify();
    expect(after).toMatchObject({ phase: 'running' });
    expect([Object(after).pid, Object(after).start]).not.toEqual([Object(before).pid, Object(before).start]);
    const now = await machine.counted('alpha');
    expect([now.starts - was.starts, now.stops - was.stops]).toEqual([1, 1]);
  });

  it('stops and starts, and the plan of each shows the way back', async () => {
    const connection = connectTo(machine);
    const name = kind === 'systemd' ? 'alpha.service' : 'alpha';
    for (const [verb, inverse, phase] of [
      ['stop', 'service.start', 'stopped'],
      ['start', 'service.stop', 'running'],
    ] as const) {
      const step = of(verb, 'alpha');
      const { rollback } = await connection.plan([step], contextOf());
      expect(rollback).toMatchObject({
        possible: true,
        steps: [{ action: inverse, inputs: { service: name }, undoes: 0 }],
      });
      const { verify } = await change(connection, step);
      expect(await verify()).toMatchObject({ phase });
      expect(await machine.isUp('alpha')).toBe(verb === 'start');
    }
  });

  it('a service that crashes is a failure, with its last lines', async () => {
    const connection = connectTo(machine);
    const { verify } = await change(connection, of('start', 'crash'));
    const error = await verify().then(
      () => 'verified',
      (cause: unknown) => cause,
    );
    expect(error).toMatchObject({ code: 'E_VERIFY', message: expect.stringMatching(/crash/) });
    expect(Object(error).detail.last_log_lines.join('\n')).toContain('about to crash');
    await machine.attempt(...(kind === 'systemd' ? ['systemctl', 'stop', 'crash'] : ['true']));
  });

  it('a name that is not there offers the nearest', async () => {
    const connection = connectTo(machine);
    const { checks, diffs } = await connection.plan([of('restart', 'alhpa')], contextOf());
    expect(checks).toMatchObject([
      { status: 'fail', severity: 'error', message: expect.stringContaining('nearest: alpha') },
    ]);
    expect(diffs).toEqual([]);
    await expect(connection.read(stepOf('service.logs', { service: 'alhpa' }), contextOf())).rejects.toMatchObject({
      code: 'E_TARGET_MISSING',
      detail: { nearest: expect.arrayContaining(['alpha']) },
    });
  });

  it('refuses what moved since it was observed', async () => {
    const connection = connectTo(machine);
    const step = of('restart', 'alpha');
    const { guard } = await connection.observe([step], contextOf());
    const before = await connection.before(step, guard, contextOf());
    await machine.manage('restart', 'alpha');
    await waitUntil('it is up again', () => machine.isUp('alpha'));
    const was = await machine.counted('alpha');
    const stale = { code: 'E_PLAN_STALE', effect: 'none', detail: { moved: 'start' } };
    await expect(connection.apply(step, before, guard, contextOf())).rejects.toMatchObject(stale);
    expect(await machine.counted('alpha')).toEqual(was);
  });

  it('has one effect though its worker is killed between intent and outcome', async () => {
    const connection = connectTo(machine, 60_000);
    const step = stepOf('service.restart', { service: 'alpha' });
    const { guard } = await connection.observe([step], contextOf());
    const before = await connection.before(step, guard, contextOf());
    const was = await machine.counted('alpha');
    const task = JSON.stringify({ config: configOf(machine), service: 'alpha', before, guard });
    const script = fileURLToPath(new URL('apply-and-wait.ts', import.meta.url));
    const worker = spawn(process.execPath, [script, task], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(worker.stdout, 'data');
    const effects = async () => {
      const now = await machine.counted('alpha');
      return Math.max(now.starts - was.starts, now.stops - was.stops);
    };
    await waitUntil('the effect has begun', async () => (await effects()) > 0);
    worker.kill('SIGKILL');
    await once(worker, 'close');
    const intent = { before, guard, recordedAt: Date.now() };
    const answers: string[] = [];
    await waitUntil('it is told', async () => {
      answers.push((await connection.reconcile(step, intent, contextOf())).answer);
      return answers.at(-1) !== 'indeterminate';
    });
    expect(answers.at(-1)).toBe('applied');
    expect(await effects()).toBe(1);
  });

  it('reads the log and stops at the cap', async () => {
    const read = (outputCapBytes: number) =>
      connectTo(machine).read(stepOf('service.logs', { service: 'alpha', tail: 50 }), contextOf({ outputCapBytes }));
    const whole = await read(1_000_000);
    expect(whole.summary).toMatchObject({ truncated: false, ended: 'end_of_log' });
    expect(Buffer.from(whole.artifacts[0]?.content ?? []).toString()).toContain('alpha started');
    const cut = await read(10);
    expect(cut.summary).toMatchObject({ truncated: true, ended: 'output_cap' });
    expect(cut.artifacts[0]?.content.length).toBeLessThanOrEqual(10);
  });

  it('follows the log until it is cancelled', async () => {
    const abort = new AbortController();
    const context = contextOf({ signal: abort.signal });
    const reading = connectTo(machine).read(
      stepOf('service.logs', { service: 'alpha', follow: true, tail: 5 }),
      context,
    );
    await waitUntil('it follows', () => context.text().includes('started'));
    const seen = context.text().length;
    await machine.manage('restart', 'alpha');
    await waitUntil('it tells what is new', () => context.text().length > seen);
    abort.abort();
    expect((await reading).summary).toMatchObject({ ended: 'cancelled' });
  });
});
