import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecRequest } from '@countersign/connector-kit';
import { readJson } from '@countersign/protocol';
import { z } from 'zod';
import { askDocker, hijackDocker } from '../docker/ask-docker.ts';
import type { Dialler } from '../docker/dialler.ts';
import { DockerFailure } from '../docker/docker-failure.ts';
import { sendingSignal } from './pid-line.ts';

const Created = z.object({ Id: z.string().min(1) });
const Inspected = z.object({ Running: z.boolean(), ExitCode: z.int().nullable() });

/** How long the daemon may take to know the exit code of a program whose output has ended, and to send a signal. */
const answerMs = 10_000;

function creation(command: readonly string[], { env, cwd, stdin }: Pick<ExecRequest, 'env' | 'cwd' | 'stdin'>) {
  return {
    Cmd: [...command],
    Env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
    AttachStdin: stdin !== undefined,
    AttachStdout: true,
    AttachStderr: true,
    Tty: false,
    ...(cwd === undefined ? {} : { WorkingDir: cwd }),
  };
}

/** Makes an exec of a command in a container; answers its id. Nothing is started. */
export async function createExec(
  dialler: Dialler,
  container: string,
  command: readonly string[],
  request: Pick<ExecRequest, 'env' | 'cwd' | 'stdin'>,
  signal: AbortSignal,
): Promise<string> {
  const body = creation(command, request);
  const answer = await askDocker(dialler, { method: 'POST', path: `/containers/${container}/exec`, body }, signal);
  return Created.parse(readJson(await text(answer))).Id;
}

/** Starts an exec; its stream carries input and multiplexed output. */
export async function startExec(dialler: Dialler, id: string, signal: AbortSignal): Promise<Duplex> {
  return await hijackDocker(dialler, started(id, false), signal);
}

function started(id: string, detach: boolean) {
  return { method: 'POST', path: `/exec/${id}/start`, body: { Detach: detach, Tty: false } } as const;
}

/** Sends a signal to a process of the container. */
export async function sendSignal(dialler: Dialler, container: string, name: string, pid: string): Promise<void> {
  const signal = AbortSignal.timeout(answerMs);
  const id = await createExec(dialler, container, [...sendingSignal, name, pid], { env: {} }, signal);
  (await askDocker(dialler, started(id, true), signal)).destroy();
}

/** Whether the container has a shell, so that its programs can tell their process id. */
export async function hasShell(dialler: Dialler, container: string, signal: AbortSignal): Promise<boolean> {
  const request = { method: 'HEAD', path: `/containers/${container}/archive`, query: { path: '/bin/sh' } } as const;
  try {
    (await askDocker(dialler, request, signal)).destroy();
    return true;
  } catch (cause) {
    if (cause instanceof DockerFailure && cause.status === 404) return false;
    throw cause;
  }
}

/** The exit code of an exec whose output has ended. */
export async function exitCode(dialler: Dialler, id: string): Promise<number> {
  const signal = AbortSignal.timeout(answerMs);
  for (;;) {
    const answer = await askDocker(dialler, { path: `/exec/${id}/json` }, signal);
    const { Running, ExitCode } = Inspected.parse(readJson(await text(answer)));
    if (!Running && ExitCode !== null) return ExitCode;
    await sleep(50, undefined, { signal });
  }
}
