import { localExec } from '@countersign/connector-kit';
import { change, contextOf } from '@countersign/connector-kit/conformance';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { serviceConnector } from '../index.ts';
import { configOf, connectTo, stepOf } from './connection.ts';
import { type Machine, startMachine } from './machine.ts';

let machine: Machine;
beforeAll(async () => {
  machine = await startMachine('systemd');
});
afterAll(async () => await machine[Symbol.asyncDispose]());

const of = (verb: string, service: string) => stepOf(`service.${verb}`, { service, stable_seconds: 1 });

it('a restart of a crash loop is a failure, though systemd says that it was done', async () => {
  await machine.run('systemctl', 'start', 'crash');
  const { applied, verify } = await change(connectTo(machine), of('restart', 'crash'));
  expect(applied.after).toMatchObject({ name: 'crash.service' });
  await expect(verify()).rejects.toMatchObject({
    code: 'E_VERIFY',
    message: expect.stringContaining('crash'),
    detail: { last_log_lines: expect.arrayContaining(['about to crash']) },
  });
  await machine.run('systemctl', 'stop', 'crash');
});

it('warns of what stops with a service, and the way back starts that too', async () => {
  await machine.run('systemctl', 'start', 'leaning');
  const connection = connectTo(machine);
  const stop = of('stop', 'beta');
  const { checks, rollback } = await connection.plan([stop], contextOf());
  expect(checks.find(({ id }) => id.startsWith('service_dependents'))).toMatchObject({
    status: 'warn',
    message: expect.stringContaining('leaning.service'),
  });
  const { verify } = await change(connection, stop);
  await verify();
  expect([await machine.isUp('beta'), await machine.isUp('leaning')]).toEqual([false, false]);
  if (!rollback.possible) throw new Error('a stop can be taken back');
  for (const { action, inputs } of rollback.steps) {
    const step = stepOf(action, inputs);
    // The first start may bring the next along.
    if (await machine.isUp(String(inputs['service']))) continue;
    await (await change(connection, step)).verify();
  }
  expect([await machine.isUp('beta'), await machine.isUp('leaning')]).toEqual([true, true]);
});

it('a masked unit and one that runs already are failing checks', async () => {
  await machine.run('systemctl', 'mask', 'fstrim.service');
  await machine.attempt('systemctl', 'start', 'alpha');
  const connection = connectTo(machine);
  const failing = async (verb: string, service: string) =>
    (await connection.plan([of(verb, service)], contextOf())).checks
      .filter(({ status }) => status === 'fail')
      .map(({ id }) => id);
  expect(await failing('start', 'fstrim')).toEqual(['change_possible:fstrim.service']);
  expect(await failing('start', 'alpha')).toEqual(['service_state:alpha.service']);
});

it('a change of the unit file makes the plan stale, and warns until systemd has read it', async () => {
  const connection = connectTo(machine);
  const planned = await connection.plan([of('restart', 'alpha')], contextOf());
  await machine.run('sh', '-c', 'echo "# changed" >> /etc/systemd/system/alpha.service');
  const again = await connection.plan([of('restart', 'alpha')], contextOf());
  expect(again.preconditions).not.toEqual(planned.preconditions);
  expect(again.checks.find(({ id }) => id.startsWith('service_cautions'))?.message).toContain('daemon-reload');
  await machine.run('systemctl', 'daemon-reload');
});

it('names the right that a worker lacks', async () => {
  const asNobody = {
    run: (request: Parameters<typeof localExec.run>[0]) =>
      localExec.run({
        ...request,
        file: 'docker',
        args: [
          'exec',
          '-u',
          'nobody',
          '-e',
          `PATH=${request.env['PATH']}`,
          '-e',
          'LC_ALL=C',
          machine.name,
          request.file,
          ...request.args,
        ],
        env: { PATH: request.env['PATH'] ?? '', DOCKER_HOST: `unix://${configOf(machine).place.docker.socket}` },
      }),
  };
  await using connection = Object.assign(serviceConnector.connect({}, { exec: asNobody, now: Date.now }), {
    [Symbol.asyncDispose]: async () => undefined,
  });
  const was = await machine.counted('alpha');
  await expect(change(connection, of('restart', 'alpha'))).rejects.toMatchObject({
    code: 'E_TARGET_REFUSED',
    effect: 'none',
    detail: { next: expect.stringContaining('org.freedesktop.systemd1.manage-units') },
  });
  await expect(connection.read(stepOf('service.logs', { service: 'alpha' }), contextOf())).rejects.toMatchObject({
    code: 'E_TARGET_REFUSED',
  });
  expect(await machine.counted('alpha')).toEqual(was);
});

it('a cancel while a slow service stops leaves the restart to systemd, and it is found applied', async () => {
  await machine.run('systemctl', 'start', 'slow');
  const connection = connectTo(machine);
  const step = of('restart', 'slow');
  const { guard } = await connection.observe([step], contextOf());
  const before = await connection.before(step, guard, contextOf());
  const applying = connection.apply(step, before, guard, contextOf({ signal: AbortSignal.timeout(1500) }));
  await expect(applying).rejects.toMatchObject({ code: 'E_TIMEOUT', effect: 'maybe' });
  const answer = async () =>
    (await connectTo(machine, 60_000).reconcile(step, { before, guard, recordedAt: Date.now() }, contextOf())).answer;
  expect(await answer()).toBe('indeterminate');
  await expect.poll(answer, { timeout: 20_000 }).toBe('applied');
});
