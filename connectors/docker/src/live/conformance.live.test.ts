import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { localExec } from '@countersign/connector-kit';
import { type ConformanceTarget, describeConformance } from '@countersign/connector-kit/conformance';
import { JsonObject, JsonValue } from '@countersign/protocol';
import { dockerSocket, makeTempFolder, proxySocket } from '@countersign/testing';
import { dockerConnector } from '../index.ts';
import { docker, type LiveContainer, runContainer, untilStopped } from './containers.ts';

const name = 'countersign-conformance';
/** A restart that goes on after its caller left shows within this time. */
const settleMs = 600;

interface DockerTarget extends ConformanceTarget {
  readonly container: LiveContainer;
}

/** Waits until the container has neither started nor stopped for a while. */
async function settled(container: LiveContainer): Promise<void> {
  for (let last = ''; ; ) {
    const now = await container.state();
    if (now === last) return;
    last = now;
    await sleep(settleMs);
  }
}

async function setUp(): Promise<DockerTarget> {
  await docker('rm', '-f', name).catch(() => undefined);
  const lines = 'i=0; while [ $i -lt 100 ]; do i=$((i+1)); echo line $i; done';
  const container = await runContainer(`${lines}; ${untilStopped}`, ['-e', 'PASSWORD=hunter2']);
  await docker('rename', container.id, name);
  const folder = makeTempFolder();
  const proxy = await proxySocket(join(folder.path, 'p.sock'), dockerSocket());
  const state = async () => {
    const { Status } = JsonObject.parse(JSON.parse(await container.state()));
    return { status: JsonValue.parse(Status), image: await docker('inspect', '--format', '{{.Image}}', container.id) };
  };
  return {
    container,
    config: { socket: proxy.path },
    ports: { exec: localExec, now: Date.now },
    snapshot: async () => ({ state: await container.state(), log: await docker('logs', container.id) }),
    state,
    effects: async () => {
      await settled(container);
      return (await container.starts()) - 1;
    },
    cutOff: proxy.cutOff,
    slowDown: async () => proxy.slowDown(),
    heal: proxy.heal,
    tearDown: async () => {
      await proxy[Symbol.asyncDispose]();
      folder.remove();
      await container[Symbol.asyncDispose]();
    },
  };
}

const restart = { action: 'docker.restart_container', inputs: { container: name, stop_timeout_seconds: 2 } };
const stop = async ({ container }: DockerTarget) => {
  await docker('stop', '-t', '2', container.id);
};

describeConformance<DockerTarget>('docker', {
  connector: dockerConnector,
  setUp,
  writes: [{ name: 'restart', steps: [restart], drift: stop, undo: stop, secrets: ['hunter2'] }],
  reads: [
    { name: 'list', step: { action: 'docker.list', inputs: { all: true } }, secrets: ['hunter2'] },
    { name: 'list, cut', step: { action: 'docker.list', inputs: {} }, exceedsBytes: 200 },
    { name: 'logs', step: { action: 'docker.logs', inputs: { container: name } }, secrets: ['hunter2'] },
    { name: 'logs, cut', step: { action: 'docker.logs', inputs: { container: name, tail: 'all' } }, exceedsBytes: 500 },
  ],
  failures: [
    {
      name: 'restart of a container that was stopped meanwhile',
      steps: [restart],
      during: 'apply',
      arrange: async ({ container }) => {
        await docker('stop', '-t', '2', container.id);
      },
      codes: ['E_PLAN_STALE'],
      secrets: ['hunter2'],
    },
    {
      name: 'logs of an unknown container',
      steps: [{ action: 'docker.logs', inputs: { container: 'nobody' } }],
      during: 'read',
      arrange: async () => undefined,
      codes: ['E_TARGET_MISSING'],
    },
    {
      name: 'plan of an unreachable daemon',
      steps: [restart],
      during: 'plan',
      arrange: ({ cutOff }) => cutOff(),
      codes: ['E_TARGET_UNREACHABLE'],
    },
  ],
  refused: [
    { action: 'docker.list', inputs: { all: 'yes' } },
    { action: 'docker.logs', inputs: { container: '../images' } },
    { action: 'docker.logs', inputs: { container: 'web', since: 600 } },
    { action: 'docker.logs', inputs: { container: 'web', tail: -1 } },
    { action: 'docker.restart_container', inputs: {} },
    { action: 'docker.restart_container', inputs: { container: '-f' } },
    { action: 'docker.restart_container', inputs: { container: 'web', stop_timeout_seconds: 0.5 } },
  ],
});
