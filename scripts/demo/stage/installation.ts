import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readJson } from '@countersign/protocol';
import { freePort, waitUntil } from '@countersign/testing';
import { z } from 'zod';
import type { Ground, PartTarget } from '../part/part.ts';
import { runCommand, startCommand, typed } from './countersign.ts';
import { fileNames, writeConfigurations } from './installation-files.ts';
import { makeStage, type Stage } from './stage.ts';
import type { Teller } from './teller.ts';

const part = 'agent';
const name = 'agent-1';
const startTimeoutMs = 120_000;

/** Starts the server; answers its address and what an administrator on this machine needs. */
async function startServer({ folder, cleanup }: Ground, teller: Teller) {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const dataDir = join(folder, 'server');
  const words = ['serve', '--no-worker', '--config', fileNames.server];
  await teller.step(part, 'A server on its embedded database', typed(words), async () => {
    const env = { COUNTERSIGN_DATA_DIR: dataDir, COUNTERSIGN_PORT: String(port) };
    const server = await startCommand(words, { cwd: folder, env });
    cleanup.add('the server', async () => void (await server.kill('SIGTERM')));
    await server.waitFor(/is ready at/, startTimeoutMs);
    return [`ready at ${url}, data in ${dataDir}`];
  });
  return { url, administrator: { COUNTERSIGN_DATA_DIR: dataDir, COUNTERSIGN_SERVER: url } };
}

interface Kept {
  readonly title: string;
  readonly words: readonly string[];
  readonly file: string;
  readonly field: 'secret' | 'token';
}

/** Has the administrator make a secret, and keeps it in a file. */
async function keep({ folder, signal }: Ground, teller: Teller, env: Record<string, string>, kept: Kept) {
  const { title, words, file, field } = kept;
  await teller.step(part, title, `${typed(words)} > ${file}`, async () => {
    const { code, stdout, stderr } = await runCommand(words, { cwd: folder, env }, signal);
    if (code !== 0) throw new Error(stderr.trim());
    const secret = z.object({ [field]: z.string() }).parse(readJson(stdout))[field];
    writeFileSync(join(folder, file), `${secret}\n`, { mode: 0o600 });
    return ['kept in a file that only you can read'];
  });
}

async function startAgent({ folder, cleanup }: Ground, teller: Teller, url: string): Promise<void> {
  const words = ['worker', '--server', url, '--enrolment-file', fileNames.enrolment, '--config', fileNames.worker];
  await teller.step(part, 'The agent joins; it alone knows how the targets are reached', typed(words), async () => {
    const worker = await startCommand(words, { cwd: folder, env: { COUNTERSIGN_DATA_DIR: join(folder, 'agent') } });
    cleanup.add('the agent', async () => void (await worker.kill('SIGTERM')));
    await worker.waitFor(/Worker ready/, startTimeoutMs);
    return ['joined with a key of its own; it listens on nothing'];
  });
}

const Target = z.object({ target: z.string(), status: z.string(), message: z.string() });
const Workers = z.object({ workers: z.tuple([z.object({ targets: z.array(Target) })]) });

async function showTargets(stage: Stage, expected: number): Promise<void> {
  // A busy machine may answer a first look too late; what is still not ready then is told below.
  const areReady = async () => {
    if (stage.signal.aborted) return true;
    const [{ targets }] = (await stage.ask(['workers'])).parse(Workers).workers;
    return targets.every(({ status }) => status === 'ready');
  };
  await waitUntil('all targets are ready', areReady, { timeoutMs: startTimeoutMs, intervalMs: 500 }).catch(
    () => undefined,
  );
  await stage.show({
    ...{ part, title: 'What it serves', words: ['workers'] },
    read: (said) => {
      const [{ targets }] = said.parse(Workers).workers;
      const unready = targets.filter(({ status }) => status !== 'ready');
      if (targets.length !== expected) throw new Error(`it serves ${targets.length} targets instead of ${expected}`);
      if (unready.length > 0)
        throw new Error(unready.map(({ target, message }) => `${target} is not ready: ${message}`).join('; '));
      return targets.map(({ target, status, message }) => `${target.padEnd(14)} ${status}  ${message}`);
    },
  });
}

/** Starts a server on its embedded default and one agent that joined it by a one-time secret. */
export async function openInstallation(ground: Ground, teller: Teller, targets: readonly PartTarget[]): Promise<Stage> {
  const { folder, signal } = ground;
  writeConfigurations(folder, targets);
  const { url, administrator } = await startServer(ground, teller);
  await keep(ground, teller, administrator, {
    title: 'A one-time secret by which one agent may join',
    words: ['workers', 'enrol', name, ...targets.flatMap((target) => ['--target', target.name]), '--action', '*'],
    ...{ file: fileNames.enrolment, field: 'secret' },
  });
  await keep(ground, teller, administrator, {
    title: 'A token for the person who operates the shop',
    words: ['token', 'create', 'operator', '--kind', 'person', '--role', 'actions'],
    ...{ file: fileNames.token, field: 'token' },
  });
  await startAgent(ground, teller, url);
  const token = readFileSync(join(folder, fileNames.token), 'utf8').trim();
  const stage = makeStage({ url, folder, teller, signal }, token);
  await showTargets(stage, targets.length);
  return stage;
}
