import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { dockerdOptionsFor, startDockerd } from '@countersign/testing';
import { repositoryRoot } from '../../repository-root.ts';
import type { Ground, Missing } from '../part/part.ts';
import { findProgram, isRoot, run } from '../stage/program.ts';

/** A Docker daemon that answers. */
export interface Daemon {
  readonly socket: string;
  /** Whether the demo started it. */
  readonly own: boolean;
  readonly version: string;
}

/** kube.sh beside the repository, or in the folder that COUNTERSIGN_KUBE names; undefined where there is none. */
export function kubeScript(): string | undefined {
  const script = resolve(repositoryRoot, process.env['COUNTERSIGN_KUBE'] ?? '../shared/kube', 'kube.sh');
  return existsSync(script) ? script : undefined;
}

/** Runs the docker command line against a daemon. */
export function docker(socket: string, args: readonly string[], signal?: AbortSignal): Promise<string> {
  return run('docker', ['-H', `unix://${socket}`, ...args], signal);
}

const versionOf = (socket: string, signal: AbortSignal) =>
  docker(socket, ['version', '--format', '{{.Server.Version}}'], signal);

const install = 'apt-get install -y docker.io openssl';

/** The daemon of DOCKER_HOST or of the usual socket, else one of the demo's own. */
export async function findDaemon(ground: Ground): Promise<Daemon | Missing> {
  const host = process.env['DOCKER_HOST'];
  if (host !== undefined && !host.startsWith('unix://')) {
    return { missing: `DOCKER_HOST is ${host}; the demo takes a socket of this machine`, next: 'unset DOCKER_HOST' };
  }
  if (findProgram('docker') === undefined) return { missing: 'there is no docker command', next: install };
  const socket = host?.slice('unix://'.length) ?? '/var/run/docker.sock';
  if (host !== undefined || existsSync(socket)) {
    const version = await versionOf(socket, ground.signal).catch(() => undefined);
    if (version !== undefined) return { socket, own: false, version };
  }
  if (host !== undefined) return { missing: `no Docker answers at ${host}`, next: 'unset DOCKER_HOST' };
  if (!isRoot) return { missing: 'no Docker answers, and only root can start one', next: 'sudo npm run demo:devops' };
  if (findProgram('dockerd') === undefined || findProgram('openssl') === undefined)
    return { missing: 'no Docker answers, and there is no dockerd (or no openssl) to start one', next: install };
  return await startOwn(ground);
}

async function startOwn({ folder, cleanup, signal }: Ground): Promise<Daemon> {
  const kube = kubeScript();
  const options = kube === undefined ? [] : await dockerdOptionsFor(kube, join(folder, 'kube'));
  const daemon = await startDockerd(join(folder, 'docker'), options);
  cleanup.add('dockerd', () => daemon.stop());
  return { socket: daemon.socketPath, own: true, version: await versionOf(daemon.socketPath, signal) };
}
