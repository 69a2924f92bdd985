import { join } from 'node:path';
import { type Exec, localExec } from '@countersign/connector-kit';
import { type ConformanceTarget, describeConformance } from '@countersign/connector-kit/conformance';
import { afterAll } from 'vitest';
import { jvmConnector } from '../index.ts';
import { jdks, type LiveJvm, startJvm } from './jvms.ts';

const [jdk] = (await jdks()).filter(({ version }) => version === 17);
if (jdk === undefined) throw new Error('the live tests need a JDK 17: install openjdk-17-jdk-headless');
const name = 'DeadlockConformance';

interface JvmTarget extends ConformanceTarget {
  /** Ends the JVM and starts another of the same name. */
  startAgain(): Promise<void>;
}

/** Programs here, or none at all, or ones that take a minute. */
function switchedExec() {
  let state: 'well' | 'cut_off' | 'slow' = 'well';
  const exec: Exec = {
    run(request) {
      if (state === 'cut_off') return localExec.run({ ...request, file: '/nowhere/jcmd' });
      return localExec.run(state === 'slow' ? { ...request, file: 'sleep', args: ['60'] } : request);
    },
  };
  const switchTo = async (next: typeof state): Promise<void> => {
    state = next;
  };
  return { exec, switchTo };
}

let running: LiveJvm | undefined;
afterAll(async () => await running?.[Symbol.asyncDispose]());

/** One JVM serves until a check ends it. */
async function jvm(): Promise<LiveJvm> {
  running ??= await startJvm(jdk ?? { version: 0, home: '' }, [], name);
  return running;
}

async function setUp(): Promise<JvmTarget> {
  const first = await (await jvm()).collections();
  const { exec, switchTo } = switchedExec();
  const state = async () => ({ pid: (await jvm()).pid });
  return {
    config: { jcmd: join(jdk?.home ?? '', 'bin/jcmd') },
    ports: { exec, now: Date.now },
    snapshot: async () => ({ ...(await state()), collections: await (await jvm()).collections() }),
    state,
    effects: async () => (await (await jvm()).collections()) - first,
    cutOff: () => switchTo('cut_off'),
    slowDown: () => switchTo('slow'),
    heal: () => switchTo('well'),
    tearDown: async () => undefined,
    startAgain: async () => {
      await running?.[Symbol.asyncDispose]();
      running = undefined;
      await jvm();
    },
  };
}

const collect = { action: 'jvm.gc', inputs: { jvm: name } };

describeConformance<JvmTarget>('jvm', {
  connector: jvmConnector,
  setUp,
  writes: [{ name: 'gc', steps: [collect], drift: ({ startAgain }) => startAgain(), secrets: ['hunter2'] }],
  reads: [
    { name: 'list', step: { action: 'jvm.list', inputs: {} }, secrets: ['hunter2'] },
    { name: 'status', step: { action: 'jvm.status', inputs: { jvm: name } }, secrets: ['hunter2'] },
    { name: 'heap', step: { action: 'jvm.heap_info', inputs: { jvm: name } } },
    { name: 'threads, cut', step: { action: 'jvm.thread_dump', inputs: { jvm: name } }, exceedsBytes: 500 },
  ],
  failures: [
    {
      name: 'a collection in a JVM that ended meanwhile',
      steps: [collect],
      during: 'apply',
      arrange: ({ startAgain }) => startAgain(),
      codes: ['E_PLAN_STALE'],
      secrets: ['hunter2'],
    },
    {
      name: 'threads of an unknown JVM',
      steps: [{ action: 'jvm.thread_dump', inputs: { jvm: 'Nobody' } }],
      during: 'read',
      arrange: async () => undefined,
      codes: ['E_TARGET_MISSING'],
    },
  ],
  refused: [
    { action: 'jvm.list', inputs: { name: '' } },
    { action: 'jvm.status', inputs: { jvm: '0' } },
    { action: 'jvm.thread_dump', inputs: { jvm: '-l' } },
    { action: 'jvm.heap_info', inputs: { jvm: 'a b' } },
    { action: 'jvm.gc', inputs: {} },
  ],
});
