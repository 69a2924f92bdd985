import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmod, readFile, rm, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { localExec } from '@countersign/connector-kit';
import { change, contextOf } from '@countersign/connector-kit/conformance';
import { makeTempFolder, type Sshd, startSshd, waitUntil } from '@countersign/testing';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { serviceConnector } from '../index.ts';
import { stepOf } from './connection.ts';
import { counted, initScript } from './units.ts';

const execute = promisify(execFile);
const name = `countersign-${randomUUID().slice(0, 8)}`;
const [program, script, pidFile, log] = [
  `/usr/local/bin/${name}`,
  `/etc/init.d/${name}`,
  `/run/${name}.pid`,
  `/var/log/${name}.log`,
];
const effects = `/var/log/${name}.effects`;
const folder = makeTempFolder();
let sshd: Sshd;
beforeAll(async () => {
  sshd = await startSshd(folder.path);
  await writeFile(program, counted(name));
  await writeFile(script, initScript(name));
  for (const file of [program, script]) await chmod(file, 0o755);
  await execute('service', [name, 'start']);
});
afterAll(async () => {
  await execute('service', [name, 'stop']);
  for (const file of [program, script, pidFile, log, effects]) await rm(file, { force: true });
  await sshd[Symbol.asyncDispose]();
  folder.remove();
});

function connect() {
  const { port, identityFile, knownHostsFile } = sshd;
  const place = {
    ...{ kind: 'ssh', host: '127.0.0.1', port, user: 'root' },
    ...{ identity_file: identityFile, known_hosts_file: knownHostsFile },
  };
  const config = { place, driver: 'sysvinit', log_files: { [name]: log } };
  const connection = serviceConnector.connect(config, { exec: localExec, now: Date.now });
  onTestFinished(() => connection.close());
  return connection;
}

const had = async (what: string) =>
  (await readFile(effects, 'utf8')).split('\n').filter((line) => line === what).length;

it('DO-9 over SSH: a service is read, restarted once as another process, and its log followed to the new one', async () => {
  const connection = connect();
  expect(await connection.readiness(AbortSignal.timeout(20_000))).toMatchObject({ status: 'ready' });
  const status = async () => (await connection.read(stepOf('service.status', { service: name }), contextOf())).summary;
  const first = await status();
  expect(first).toMatchObject({ manager: 'sysvinit', state: 'running', pid: expect.any(Number) });
  const before = [await had('start'), await had('stop')];
  const { verify } = await change(connection, stepOf('service.restart', { service: name, stable_seconds: 1 }));
  expect(await verify()).toMatchObject({ phase: 'running' });
  expect([await had('start'), await had('stop')]).toEqual(before.map((count) => count + 1));
  expect((await status())['pid']).not.toBe(first['pid']);
  const context = contextOf();
  await connection.read(stepOf('service.logs', { service: name, tail: 10 }), context);
  expect(context.text().match(new RegExp(`${name} started`, 'g'))).toHaveLength(2);
});

it('over SSH: a name that is not there is told, and a stale guard is refused with no effect', async () => {
  const connection = connect();
  await expect(connection.read(stepOf('service.status', { service: `${name}x` }), contextOf())).rejects.toMatchObject({
    code: 'E_TARGET_MISSING',
    detail: { nearest: expect.arrayContaining([name]) },
  });
  const step = stepOf('service.restart', { service: name });
  const { guard } = await connection.observe([step], contextOf());
  const before = await connection.before(step, guard, contextOf());
  const starts = (await had('start')) + 1;
  await execute('service', [name, 'restart']);
  // It counts for itself, a little after its manager has answered.
  await waitUntil('the restart is counted', async () => (await had('start')) === starts);
  const pid = await readFile(pidFile, 'utf8');
  await expect(connection.apply(step, before, guard, contextOf())).rejects.toMatchObject({
    ...{ code: 'E_PLAN_STALE', effect: 'none', detail: { moved: 'start' } },
  });
  expect(await readFile(pidFile, 'utf8')).toBe(pid);
  expect(await had('start')).toBe(starts);
});
