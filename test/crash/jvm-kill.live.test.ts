import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { jdks, startJvm } from '../../connectors/jvm/src/live/jvms.ts';
import { killedAt } from './docker-product.ts';

const [jdk] = (await jdks()).filter(({ version }) => version === 17);
if (jdk === undefined) throw new Error('the live tests need a JDK 17: install openjdk-17-jdk-headless');
const target = { connector: 'jvm', config: { jcmd: join(jdk.home, 'bin/jcmd') } };
const collectionIn = (name: string) => ({ action: 'jvm.gc', inputs: { jvm: name } });

it('a worker killed after its collection: it is reconciled from the JVM, and had once (DO-9, promise 2)', async () => {
  await using jvm = await startJvm(jdk);
  const { view, audit } = await killedAt('worker:after-effect', collectionIn(jvm.name), target);
  expect(view.run).toMatchObject({ state: 'succeeded', steps: [{ state: 'verified' }] });
  expect(audit.filter((name) => name === 'step.intent')).toHaveLength(1);
  expect(await jvm.collections()).toBe(1);
});

it('a worker killed before its collection: it is not had, and the run says so (DO-9, promise 2)', async () => {
  await using jvm = await startJvm(jdk);
  const { view } = await killedAt('worker:before-effect', collectionIn(jvm.name), target);
  expect(view.run?.state).toBe('failed');
  await sleep(1500);
  expect(await jvm.collections()).toBe(0);
});
