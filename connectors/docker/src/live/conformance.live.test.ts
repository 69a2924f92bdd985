import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { localExec } from '@countersign/connector-kit';
import { type ConformanceTarget, describeConformance } from '@countersign/connector-kit/conformance';
import { type Json, JsonObject, JsonValue } from '@countersign/protocol';
import { busyboxImage, dockerSocket, makeTempFolder, proxySocket } from '@countersign/testing';
import { afterAll, beforeAll } from 'vitest';
import { z } from 'zod';
import { dockerConnector } from '../index.ts';
import { docker } from './containers.ts';
import { ask } from './daemon-api.ts';
import { clear, eventsOf, look, makeImages, nextImage, quiet, type Standing, stand } from './stand.ts';

const secret = ['-e', 'PASSWORD=hunter2', '-l', 'token=hunter2'];
const numbered = 'i=0; while [ $i -lt 100 ]; do i=$((i+1)); echo line $i; done';
const base = { image: busyboxImage, script: numbered, options: secret };
const on: Standing = { ...base, name: 'countersign-on', running: true };
const off: Standing = { ...base, name: 'countersign-off', running: false };
/** Recreated and restored; `kept` is set aside for it. */
const web: Standing = { ...base, name: 'countersign-web', running: true };
const kept: Standing = { ...base, name: 'countersign-web.kept-abc', running: false };
const standing = [on, off, web, kept];

beforeAll(async () => {
  await makeImages();
  await docker('tag', busyboxImage, 'countersign/moving:1');
});
afterAll(async () => {
  await clear(web.name);
  for (const { name } of standing) await docker('rm', '-f', name).catch(() => undefined);
});

/** Changes of run state and limits; a restart counts once, not as the stop and the start that it also is. */
async function powerEffects(since: number): Promise<number> {
  const events = await eventsOf([on.name, off.name], since);
  const count = (action: string) => events.filter(({ Action }) => Action === action).length;
  return count('stop') + count('start') + count('update') - count('restart');
}

/** Containers that were started in the place of another. */
async function exchanges(since: number): Promise<number> {
  return (await eventsOf([web.name], since)).filter(({ Action }) => Action === 'start').length;
}

async function state(): Promise<Json> {
  const seen = await Promise.all([on, off, web].map(({ name }) => look(name)));
  return seen.map((each) => ({
    status: JsonObject.parse(each?.['state'] ?? {})['Status'] ?? 'missing',
    image: each?.['image'] ?? null,
    limits: each?.['limits'] ?? null,
  }));
}

async function names(): Promise<string[]> {
  const all = z.array(z.looseObject({ Names: z.array(z.string()) })).parse(await ask('/containers/json?all=true'));
  return all.flatMap(({ Names }) => Names).sort();
}

async function setUp(): Promise<ConformanceTarget> {
  await clear(web.name, [kept.name]);
  for (const each of standing) await stand(each);
  const folder = makeTempFolder();
  const proxy = await proxySocket(join(folder.path, 'p.sock'), dockerSocket());
  // Events of the set-up itself stand before this.
  const since = Date.now() + 1;
  await sleep(5);
  return {
    config: { socket: proxy.path },
    ports: { exec: localExec, now: Date.now },
    snapshot: async () => ({
      containers: await Promise.all(standing.map(({ name }) => look(name))),
      log: String(await ask(`/containers/${on.name}/logs?stdout=1&stderr=1`)),
      names: JsonValue.parse(await names()),
    }),
    state,
    effects: async () => {
      // A start tells of itself only when it is done; whether somebody left shows once the connection is closed.
      await sleep(50);
      const wasLeft = Date.now() - proxy.leftAt() < 5000;
      await quiet([on.name, off.name, web.name], wasLeft ? 1500 : 300);
      return (await powerEffects(since)) + (await exchanges(since));
    },
    cutOff: proxy.cutOff,
    slowDown: async () => proxy.slowDown(),
    heal: proxy.heal,
    tearDown: async () => {
      await proxy[Symbol.asyncDispose]();
      folder.remove();
    },
  };
}

const stopped = (name: string) => async () => void (await docker('stop', '-t', '2', name));
const started = (name: string) => async () => void (await docker('start', name));
const restart = { action: 'docker.restart_container', inputs: { container: on.name, stop_timeout_seconds: 2 } };
const stop = { action: 'docker.stop_container', inputs: { container: on.name, stop_timeout_seconds: 2 } };
const start = { action: 'docker.start_container', inputs: { container: off.name } };
const limits = {
  action: 'docker.set_resources',
  inputs: { container: on.name, memory_mebibytes: 128, pids_limit: 50 },
};
const times = { stop_timeout_seconds: 2, healthy_within_seconds: 20 };
const recreate = { action: 'docker.recreate_with_image', inputs: { container: web.name, image: nextImage, ...times } };
const keep = { action: 'docker.keep_if_healthy', inputs: { container: web.name, ...times } };
const restore = {
  action: 'docker.restore_container',
  inputs: { container: web.name, kept: kept.name, stop_timeout_seconds: 2 },
};
const secrets = ['hunter2'];

describeConformance('docker', {
  connector: dockerConnector,
  setUp,
  writes: [
    { name: 'restart', steps: [restart], drift: stopped(on.name), undo: stopped(on.name), secrets },
    { name: 'stop', steps: [stop], drift: stopped(on.name), undo: started(on.name), secrets },
    { name: 'start', steps: [start], drift: started(off.name), undo: stopped(off.name), secrets },
    {
      name: 'limits',
      steps: [limits],
      drift: async () => void (await docker('update', '--pids-limit', '77', on.name)),
      undo: async () => void (await docker('update', '--pids-limit', '77', on.name)),
      secrets,
    },
    {
      name: 'recreate',
      steps: [recreate, keep],
      effects: 1,
      drift: stopped(web.name),
      undo: stopped(web.name),
      secrets,
    },
    { name: 'restore', steps: [restore], drift: stopped(web.name), undo: stopped(web.name), secrets },
  ],
  reads: [
    { name: 'list', step: { action: 'docker.list', inputs: { all: true } }, secrets },
    { name: 'list, cut', step: { action: 'docker.list', inputs: {} }, exceedsBytes: 200 },
    { name: 'logs', step: { action: 'docker.logs', inputs: { container: on.name } }, secrets },
    {
      name: 'logs, cut',
      step: { action: 'docker.logs', inputs: { container: on.name, tail: 'all' } },
      exceedsBytes: 500,
    },
    { name: 'inspect', step: { action: 'docker.inspect', inputs: { container: on.name } }, secrets },
    { name: 'inspect, cut', step: { action: 'docker.inspect', inputs: { container: on.name } }, exceedsBytes: 500 },
    { name: 'stats', step: { action: 'docker.stats', inputs: { container: on.name } } },
    {
      name: 'stats, cut',
      step: { action: 'docker.stats', inputs: { container: on.name, samples: 3 } },
      exceedsBytes: 300,
    },
    { name: 'events', step: { action: 'docker.events', inputs: { since: '24h' } }, secrets },
    { name: 'events, cut', step: { action: 'docker.events', inputs: { since: '24h' } }, exceedsBytes: 300 },
  ],
  failures: [
    {
      name: 'restart of a container that was stopped meanwhile',
      steps: [restart],
      during: 'apply',
      arrange: stopped(on.name),
      codes: ['E_PLAN_STALE'],
      secrets,
    },
    {
      name: 'recreation with an image that was tagged anew meanwhile',
      steps: [{ ...recreate, inputs: { ...recreate.inputs, image: 'countersign/moving:1' } }],
      during: 'apply',
      arrange: async () => void (await docker('tag', nextImage, 'countersign/moving:1')),
      codes: ['E_PLAN_STALE'],
      secrets,
    },
    ...['docker.logs', 'docker.inspect', 'docker.stats', 'docker.events'].map((action) => ({
      name: `${action} of an unknown container`,
      steps: [{ action, inputs: { container: 'nobody' } }],
      during: 'read' as const,
      arrange: async () => undefined,
      codes: ['E_TARGET_MISSING' as const],
    })),
    {
      name: 'measures of a container that does not run',
      steps: [{ action: 'docker.stats', inputs: { container: off.name } }],
      during: 'read',
      arrange: async () => undefined,
      codes: ['E_TARGET_REFUSED'],
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
    { action: 'docker.inspect', inputs: { container: 'a b' } },
    { action: 'docker.stats', inputs: { container: 'web', samples: 0 } },
    { action: 'docker.events', inputs: { container: '--all' } },
    { action: 'docker.restart_container', inputs: {} },
    { action: 'docker.restart_container', inputs: { container: '-f' } },
    { action: 'docker.restart_container', inputs: { container: 'web', stop_timeout_seconds: 0.5 } },
    { action: 'docker.stop_container', inputs: { container: 'web', stop_timeout_seconds: 301 } },
    { action: 'docker.start_container', inputs: { container: 'web', force: true } },
    { action: 'docker.set_resources', inputs: { container: 'web' } },
    { action: 'docker.set_resources', inputs: { container: 'web', memory_mebibytes: 5 } },
    { action: 'docker.recreate_with_image', inputs: { container: 'web', image: '../../containers/x' } },
    { action: 'docker.recreate_with_image', inputs: { container: 'web', image: '--privileged' } },
    { action: 'docker.keep_if_healthy', inputs: { container: 'web', healthy_within_seconds: 0 } },
    { action: 'docker.restore_container', inputs: { container: 'web' } },
  ],
});
