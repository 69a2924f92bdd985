import { readFile, stat } from 'node:fs/promises';
import type { Duplex } from 'node:stream';
import { ConnectorError, interruption } from '@countersign/connector-kit';
import type { Client, ClientChannel } from 'ssh2';
import { offeredHostKeys } from './host-key-algorithms.ts';
import { type KnownKeys, knownKeys } from './known-hosts.ts';
import { unreachableBySsh } from './ssh-failure.ts';
import type { SshSettings } from './ssh-settings.ts';

/** Longest time until a host has let us in; and how often a silent one is asked whether it is still there. */
const readyTimeoutMs = 10_000;
const keepaliveMs = 15_000;

/** One SSH connection to a host, opened when it is first needed, shared by all, and opened anew after it broke. */
export interface SshConnection {
  /** `user@host:port`, for messages. */
  readonly where: string;
  /**
   * Runs a command line. Throws ConnectorError; effect maybe once the host was asked and had not answered.
   * `take` gets the channel at the moment in which it opens: an exit may come in the same packet.
   * The channel's failures are the taker's.
   */
  exec<Taken>(line: string, signal: AbortSignal, take: (channel: ClientChannel) => Taken): Promise<Taken>;
  /** A stream to a Unix socket of the host. */
  streamLocal(socketPath: string, signal: AbortSignal): Promise<Duplex>;
  close(): void;
}

async function readPrivateKey({ identity_file: file }: SshSettings, where: string): Promise<Buffer> {
  const { mode } = await stat(file).catch((cause: unknown) => {
    throw unreachableBySsh(where, `identity_file ${file} cannot be read`, cause);
  });
  if ((mode & 0o077) !== 0) {
    throw unreachableBySsh(where, `identity_file ${file} may be read by others: chmod 600 it`);
  }
  return await readFile(file);
}

async function readKnownKeys({ known_hosts_file: file, host, port }: SshSettings, where: string): Promise<KnownKeys> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw unreachableBySsh(where, `known_hosts_file ${file} cannot be read`, cause);
  });
  const known = knownKeys(text, host, port);
  if (known.accepted.length > 0) return known;
  throw unreachableBySsh(
    where,
    `known_hosts_file ${file} holds no key of it: add what ssh-keyscan prints, once its fingerprint was compared`,
  );
}

async function connect(settings: SshSettings, where: string): Promise<Client> {
  const [privateKey, known] = await Promise.all([readPrivateKey(settings, where), readKnownKeys(settings, where)]);
  const { default: ssh2 } = await import('ssh2');
  if (ssh2.utils.parseKey(privateKey) instanceof Error) {
    throw unreachableBySsh(where, `identity_file ${settings.identity_file} is no private key without passphrase`);
  }
  const client = new ssh2.Client();
  let refusedKey = false;
  const ready = new Promise<Client>((resolve, reject) => {
    client.once('ready', () => resolve(client));
    client.once('error', (cause) =>
      reject(unreachableBySsh(where, refusedKey ? 'its host key is not the known one' : '', cause)),
    );
    client.once('close', () => reject(unreachableBySsh(where, 'it closed the connection before it let us in')));
  });
  client.connect({
    host: settings.host,
    port: settings.port,
    username: settings.user,
    privateKey,
    readyTimeout: readyTimeoutMs,
    keepaliveInterval: keepaliveMs,
    keepaliveCountMax: 3,
    authHandler: ['publickey'],
    algorithms: { serverHostKey: offeredHostKeys(known.types) },
    hostVerifier: (key: Buffer) => {
      const accepted = known.accepted.some((each) => each.equals(key));
      refusedKey = !accepted;
      return accepted;
    },
  });
  return await ready;
}

/** Waits for a promise no longer than the signal lets it. */
async function within<Value>(
  signal: AbortSignal,
  what: string,
  promise: Promise<Value>,
  effect: 'none' | 'maybe' = 'none',
): Promise<Value> {
  const ended = Promise.withResolvers<never>();
  const abort = (): void => ended.reject(interruption(signal, what, effect));
  if (signal.aborted) abort();
  else signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([promise, ended.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** Makes a connection; nothing is opened before it is needed. */
export function sshConnection(settings: SshSettings): SshConnection {
  const { user, host, port } = settings;
  const where = `${user}@${host}:${port}`;
  let opening: Promise<Client> | undefined;
  let closed = false;
  const client = async (): Promise<Client> => {
    if (closed) throw new ConnectorError('E_CANCELLED', `the connection to ${where} was closed`, { effect: 'none' });
    if (opening !== undefined) return await opening;
    const mine = connect(settings, where);
    opening = mine;
    const forget = (): void => {
      if (opening === mine) opening = undefined;
    };
    mine.then((open) => {
      // A connection that breaks later tells its channels; the next call opens another.
      open.on('error', forget).once('close', forget);
      if (closed) open.end();
    }, forget);
    return await mine;
  };
  const open = async <Taken>(
    { what, effect }: { what: string; effect: 'none' | 'maybe' },
    signal: AbortSignal,
    take: (channel: ClientChannel) => Taken,
    ask: (ready: Client, answer: (error: Error | undefined, channel: ClientChannel) => void) => void,
  ): Promise<Taken> => {
    const ready = await within(signal, `connecting to ${where}`, client());
    const opened = Promise.withResolvers<Taken>();
    const late = new AbortController();
    const gone = (): void => opened.reject(unreachableBySsh(where, 'the connection broke', undefined, effect));
    ready.once('close', gone);
    try {
      ask(ready, (error, channel) => {
        ready.removeListener('close', gone);
        if (error !== undefined) opened.reject(unreachableBySsh(where, `it refused ${what}`, error));
        else if (late.signal.aborted) channel.destroy();
        else opened.resolve(take(channel));
      });
      return await within(signal, `${what} at ${where}`, opened.promise, effect);
    } catch (cause) {
      late.abort();
      throw cause instanceof ConnectorError ? cause : unreachableBySsh(where, 'the connection broke', cause);
    }
  };
  return {
    where,
    exec: (line, signal, take) =>
      open({ what: 'to start a program', effect: 'maybe' }, signal, take, (ready, answer) => ready.exec(line, answer)),
    streamLocal: (socketPath, signal) =>
      open<Duplex>(
        { what: `a stream to its socket ${socketPath}`, effect: 'none' },
        signal,
        (channel) => channel,
        (ready, answer) => ready.openssh_forwardOutStreamLocal(socketPath, answer),
      ),
    close: () => {
      closed = true;
      opening?.then(
        (ready) => ready.end(),
        () => undefined,
      );
    },
  };
}
