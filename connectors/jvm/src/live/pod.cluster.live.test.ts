import { join } from 'node:path';
import { contextOf } from '@countersign/connector-kit/conformance';
import { testKubeconfig } from '@countersign/testing';
import { expect, it } from 'vitest';
import { connectTo, stepOf } from './connection.ts';
import { jdks } from './jvms.ts';
import { looksAround } from './looks-around.ts';
import { startPodJvm } from './pod-jvm.ts';

const [jdk] = (await jdks()).filter(({ version }) => version === 17);
if (jdk === undefined) throw new Error('the tests of the cluster need a JDK 17: install openjdk-17-jdk-headless');
const jcmd = join(jdk.home, 'bin/jcmd');

it('DO-6 in a pod: both threads of a deadlock are named, and it collects once', async () => {
  await using jvm = await startPodJvm(jdk);
  const { namespace, pod } = jvm;
  const place = { kind: 'pod', kubeconfig: testKubeconfig(), namespace, pod };
  await looksAround({ jcmd, place: { ...place, container: 'jvm' } }, jvm);
  // Beside it, in the same pod, nothing is seen of it.
  const beside = connectTo({ jcmd: 'jcmd', place: { ...place, container: 'beside' } });
  await expect(beside.read(stepOf('jvm.list', {}), contextOf())).rejects.toMatchObject({
    code: 'E_TARGET_UNREACHABLE',
    message: expect.stringContaining('jcmd'),
  });
}, 300_000);
