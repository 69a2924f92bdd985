import { join } from 'node:path';
import { makeTempFolder, type Sshd, startSshd } from '@countersign/testing';
import { afterAll, beforeAll, it } from 'vitest';
import { jdks, startJvm } from './jvms.ts';
import { looksAround } from './looks-around.ts';

const [jdk] = (await jdks()).filter(({ version }) => version === 17);
if (jdk === undefined) throw new Error('the live tests need a JDK 17: install openjdk-17-jdk-headless');
const jcmd = join(jdk.home, 'bin/jcmd');
const folder = makeTempFolder();
let sshd: Sshd;
beforeAll(async () => {
  sshd = await startSshd(folder.path);
});
afterAll(async () => {
  await sshd[Symbol.asyncDispose]();
  folder.remove();
});

const placeOf = ({ port, identityFile, knownHostsFile }: Sshd) => ({
  ...{ kind: 'ssh', host: '127.0.0.1', port, user: 'root' },
  ...{ identity_file: identityFile, known_hosts_file: knownHostsFile },
});

it('DO-6 over SSH: both threads of a deadlock are named, and it collects once', async () => {
  await using jvm = await startJvm(jdk);
  await looksAround({ jcmd, place: placeOf(sshd) }, jvm);
});
