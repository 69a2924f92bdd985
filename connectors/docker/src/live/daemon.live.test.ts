import { join } from 'node:path';
import { contextOf } from '@countersign/connector-kit/conformance';
import { tempFolder } from '@countersign/testing';
import { expect, it } from 'vitest';
import { connectDocker, restartOf, stepOf } from './connection.ts';
import { docker, runContainer, untilStopped } from './containers.ts';

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
