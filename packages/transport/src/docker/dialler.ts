import { readFile } from 'node:fs/promises';
import { connect as connectSocket, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { ConnectorError, interruption } from '@countersign/connector-kit';
import { sshConnection } from '../ssh/ssh-connection.ts';
import type { DockerEndpoint, TlsSettings } from './docker-endpoint.ts';
import { unreachableDaemon } from './docker-failure.ts';

/** Makes connections to one daemon. */
export interface Dialler {
  /** Where it is, for messages: a path, `host:port`, or `user@host:port:path`. */
  readonly where: string;
  /** One new connection, ready to carry a request. Throws ConnectorError without effect: E_TARGET_UNREACHABLE, E_CANCELLED, E_TIMEOUT. */
  dial(signal: AbortSignal): Promise<Duplex>;
  /** Ends what connections share. Connections that were given out are their holders'. */
  close(): void;
}

/** Waits until a socket is connected; `event` tells it. */
async function connected(where: string, socket: Socket, event: string, signal: AbortSignal): Promise<Socket> {
  const opened = Promise.withResolvers<Socket>();
  const abort = (): void => opened.reject(interruption(signal, `connecting to the Docker daemon at ${where}`, 'none'));
  const fail = (cause: unknown): void => opened.reject(unreachableDaemon(where, cause));
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  socket.once('error', fail).once(event, () => opened.resolve(socket));
  try {
    return await opened.promise;
  } catch (cause) {
    socket.on('error', () => undefined).destroy();
    throw cause;
  } finally {
    signal.removeEventListener('abort', abort);
    socket.removeListener('error', fail);
  }
}

async function readTlsFile(where: string, field: string, file: string): Promise<Buffer> {
  return await readFile(file).catch((cause: unknown) => {
    throw new ConnectorError(
      'E_TARGET_UNREACHABLE',
      `the Docker daemon at ${where}: tls.${field} ${file} cannot be read`,
      {
        effect: 'none',
        detail: { field: `tls.${field}` },
        cause,
      },
    );
  });
}

async function dialTls(where: string, tls: TlsSettings, signal: AbortSignal): Promise<Duplex> {
  const [ca, cert, key] = await Promise.all([
    readTlsFile(where, 'ca_file', tls.ca_file),
    readTlsFile(where, 'cert_file', tls.cert_file),
    readTlsFile(where, 'key_file', tls.key_file),
  ]);
  const { host, port, server_name: servername } = tls;
  let socket: Socket;
  try {
    socket = connectTls({ host, port, ca, cert, key, minVersion: 'TLSv1.2', ...(servername ? { servername } : {}) });
  } catch (cause) {
    throw unreachableDaemon(where, cause);
  }
  return await connected(where, socket, 'secureConnect', signal);
}

/** Opens the way to a daemon. Nothing is connected before the first `dial`. */
export function openDialler(endpoint: DockerEndpoint): Dialler {
  if (endpoint.kind === 'socket') {
    const { path } = endpoint;
    return {
      where: path,
      dial: (signal) => connected(path, connectSocket({ path }), 'connect', signal),
      close: () => undefined,
    };
  }
  if (endpoint.kind === 'tls') {
    const { tls } = endpoint;
    const where = `${tls.host}:${tls.port}`;
    return { where, dial: (signal) => dialTls(where, tls, signal), close: () => undefined };
  }
  const connection = sshConnection(endpoint.ssh);
  return {
    where: `${connection.where}:${endpoint.socket}`,
    dial: (signal) => connection.streamLocal(endpoint.socket, signal),
    close: () => connection.close(),
  };
}
