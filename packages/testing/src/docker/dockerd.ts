import { spawn } from 'node:child_process';
import { openSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../process/free-port.ts';
import { waitUntil } from '../process/wait-until.ts';
import { makeCertificateAuthority } from '../tls/certificate-authority.ts';
import { callDocker } from './docker-api.ts';
import { tlsFileName } from './socket.ts';

/** How a daemon is reached over TCP with mutual TLS: paths of PEM files. */
export interface DockerTls {
  readonly host: string;
  readonly port: number;
  readonly ca_file: string;
  readonly cert_file: string;
  readonly key_file: string;
}

/** A Docker daemon of the tests' own. */
export interface Dockerd {
  readonly socketPath: string;
  /** The same daemon over TCP, for whoever has a certificate of its authority. */
  readonly tls: DockerTls;
  /** Ends the daemon and waits until it is gone. Its containers end with it. */
  stop(): Promise<void>;
}

const startTimeoutMs = 60_000;

/**
 * Starts dockerd with data, state, socket, pid file and log inside `folder` (keep its path short: a socket's path may
 * have 107 characters). Needs root and Debian's docker.io. `options` are further ones of dockerd.
 */
export async function startDockerd(folder: string, options: readonly string[] = []): Promise<Dockerd> {
  await mkdir(folder, { recursive: true });
  const socketPath = join(folder, 'docker.sock');
  const logPath = join(folder, 'dockerd.log');
  const log = openSync(logPath, 'a');
  const authority = makeCertificateAuthority(folder);
  const [server, client] = [authority.issue('daemon', ['IP:127.0.0.1']), authority.issue('worker')];
  const port = await freePort();
  const tls: DockerTls = {
    ...{ host: '127.0.0.1', port, ca_file: authority.caFile },
    ...{ cert_file: client.certFile, key_file: client.keyFile },
  };
  // Beside the socket, where the tests find it.
  writeFileSync(join(folder, tlsFileName), JSON.stringify(tls));
  const child = spawn(
    'dockerd',
    [
      ...['--data-root', join(folder, 'data'), '--exec-root', join(folder, 'exec')],
      ...['-H', `unix://${socketPath}`, '-p', join(folder, 'pid')],
      ...['-H', `tcp://127.0.0.1:${port}`, '--tlsverify', '--tlscacert', authority.caFile],
      ...['--tlscert', server.certFile, '--tlskey', server.keyFile],
      ...options,
    ],
    { stdio: ['ignore', log, log], detached: true },
  );
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const failed = new Promise<never>((_, reject) => {
    child.once('error', (cause) => reject(new Error('dockerd cannot be started: install docker.io', { cause })));
    child.once('exit', (code) => reject(new Error(`dockerd ended with ${code}:\n${readFileSync(logPath, 'utf8')}`)));
  });
  const stop = async () => {
    child.kill('SIGTERM');
    await exited;
  };
  const answers = waitUntil(
    'dockerd answers',
    () => callDocker(socketPath, 'GET', '/_ping').then((pong) => pong === 'OK'),
    {
      timeoutMs: startTimeoutMs,
      intervalMs: 100,
    },
  );
  try {
    await Promise.race([answers, failed]);
  } catch (cause) {
    child.kill('SIGTERM');
    throw cause;
  }
  failed.catch(() => undefined);
  return { socketPath, tls, stop };
}
