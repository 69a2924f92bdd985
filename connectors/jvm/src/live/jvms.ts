import { execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { debianImage, dockerSocket, makeTempFolder, waitUntil } from '@countersign/testing';

const execute = promisify(execFile);
const installed = '/usr/lib/jvm';

/** A JDK on this machine. */
export interface Jdk {
  readonly version: number;
  readonly home: string;
}

/** The JDKs of this machine that have a jcmd, one for each version; the live tests need 17 at least. */
export async function jdks(): Promise<Jdk[]> {
  const homes = existsSync(installed) ? readdirSync(installed).map((name) => join(installed, name)) : [];
  const found = new Map<number, Jdk>();
  for (const home of homes.filter(
    (each) => existsSync(join(each, 'bin/jcmd')) && existsSync(join(each, 'bin/javac')),
  )) {
    const { stderr } = await execute(join(home, 'bin/java'), ['-version']);
    const version = Number(/version "(\d+)/.exec(stderr)?.[1] ?? 0);
    if (!found.has(version)) found.set(version, { version, home });
  }
  return [...found.values()].sort((left, right) => left.version - right.version);
}

const source = fileURLToPath(new URL('../fixture/Deadlock.java', import.meta.url));

/** A JVM with a deadlock, under a main class of its own name. `await using` ends it. */
export interface LiveJvm extends AsyncDisposable {
  readonly name: string;
  readonly pid: number;
  /** Counts its collections of the whole heap itself, past the connector. */
  collections(): Promise<number>;
}

export async function compiled(jdk: Jdk, folder: string, name: string): Promise<void> {
  const text = (await execute('sed', [`s/\\bDeadlock\\b/${name}/g`, source])).stdout;
  const file = join(folder, `${name}.java`);
  await writeFile(file, text);
  // Class files that JDK 17 reads too.
  await execute(join(jdk.home, 'bin/javac'), ['--release', '17', '-d', folder, file]);
}

export async function countAt(
  run: (...command: readonly string[]) => Promise<string>,
  jcmd: string,
  pid: number,
): Promise<number> {
  const text = await run(jcmd, String(pid), 'PerfCounter.print');
  const counts = [...text.matchAll(/^sun\.gc\.collector\.[1-9]\.invocations=(\d+)$/gm)].map(([, count]) =>
    Number(count),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Starts a JVM here. */
export async function startJvm(
  jdk: Jdk,
  options: readonly string[] = [],
  name = `Deadlock${randomUUID().slice(0, 8)}`,
): Promise<LiveJvm> {
  const folder = makeTempFolder();
  await compiled(jdk, folder.path, name);
  const child = spawn(
    join(jdk.home, 'bin/java'),
    ['-Xmx32m', ...options, '-cp', folder.path, name, 'password=hunter2'],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const closed = new Promise((resolve) => child.once('close', resolve));
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  await waitUntil(`${name} is ready`, () => said.includes('ready'), { timeoutMs: 60_000 });
  const { pid } = child;
  if (pid === undefined) throw new Error('the JVM has no pid');
  const run = async (file = '', ...args: readonly string[]) => (await execute(file, [...args])).stdout;
  return {
    name,
    pid,
    collections: () => countAt(run, join(jdk.home, 'bin/jcmd'), pid),
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await closed;
      folder.remove();
    },
  };
}

/** Folders of this machine that a JVM elsewhere on it needs: the JDKs, their settings, and its classes. */
export function neededBy(classes: string): string[] {
  return [installed, '/etc/java-17-openjdk', classes].filter((path) => existsSync(path));
}

/** A JVM in a container, with the JDK of this machine mounted there. */
export interface ContainedJvm extends LiveJvm {
  readonly container: string;
}

async function docker(...args: readonly string[]): Promise<string> {
  return (await execute('docker', ['-H', `unix://${dockerSocket()}`, ...args], { maxBuffer: 16 * 1024 * 1024 })).stdout;
}

/** Starts a JVM in a container. */
export async function startContainedJvm(jdk: Jdk): Promise<ContainedJvm> {
  const folder = makeTempFolder();
  const name = `Deadlock${randomUUID().slice(0, 8)}`;
  await compiled(jdk, folder.path, name);
  const container = `countersign-jvm-${randomUUID().slice(0, 8)}`;
  const mounts = neededBy(folder.path).flatMap((path) => ['-v', `${path}:${path}:ro`]);
  const java = [join(jdk.home, 'bin/java'), '-Xmx32m', '-cp', folder.path, name];
  await docker('run', '-d', '--init', '--name', container, ...mounts, debianImage, ...java);
  await waitUntil(`${name} is ready`, async () => (await docker('logs', container)).includes('ready'), {
    timeoutMs: 60_000,
  });
  const jcmd = join(jdk.home, 'bin/jcmd');
  const run = (...command: readonly string[]) => docker('exec', container, ...command);
  const pid = Number(new RegExp(`^(\\d+) ${name}`, 'm').exec(await run(jcmd, '-l'))?.[1] ?? 0);
  return {
    name,
    pid,
    container,
    collections: () => countAt(run, jcmd, pid),
    [Symbol.asyncDispose]: async () => {
      await docker('rm', '-f', container);
      folder.remove();
    },
  };
}
