import { ConnectorError, type ExecRequest } from '@countersign/connector-kit';
import type { ClientChannel } from 'ssh2';
import type { SshConnection } from '../ssh/ssh-connection.ts';
import { unreachableBySsh } from '../ssh/ssh-failure.ts';
import type { OutputSink, RemoteProcess, RemoteStart } from './attend.ts';
import { commandLine, quoteWord } from './command-line.ts';
import { PidLine, sendingSignal } from './pid-line.ts';

/** How long a signal may take to be sent. */
const signalMs = 5_000;

function sendSignal(connection: SshConnection, name: string, pid: string): void {
  const line = `exec ${[...sendingSignal, name, pid].map(quoteWord).join(' ')} </dev/null`;
  // A signal that does not get there is followed by the next one, and at last by the channel's end.
  connection.exec(line, AbortSignal.timeout(signalMs), (channel) => channel.resume()).catch(() => undefined);
}

function attach(
  connection: SshConnection,
  channel: ClientChannel,
  { file, stdin }: ExecRequest,
  sink: OutputSink,
): RemoteProcess {
  const { where } = connection;
  const stderr = new PidLine((chunk) => sink.stderr(chunk));
  const exit: { code: number | null; signal: string | null; said: boolean } = { code: null, signal: null, said: false };
  const ended = Promise.withResolvers<{ code: number | null; signal: string | null }>();
  channel.on('data', (chunk: Buffer) => sink.stdout(chunk));
  channel.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  channel.on('exit', (code: number | null, name?: string) => {
    exit.code = code;
    exit.signal = name ?? null;
    exit.said = true;
  });
  channel.on('error', () => undefined);
  channel.once('close', () => {
    stderr.end();
    if (stderr.neverBegan(exit.code)) {
      const message = `cannot start ${file} at ${where}: is it installed and on PATH?`;
      ended.reject(new ConnectorError('E_TARGET_UNREACHABLE', message, { effect: 'none' }));
    } else if (exit.said) {
      ended.resolve({ code: exit.code, signal: exit.signal });
    } else {
      ended.reject(unreachableBySsh(where, `the connection broke while ${file} ran`, undefined, 'maybe'));
    }
  });
  // The connection may break before somebody awaits it.
  ended.promise.catch(() => undefined);
  if (stdin !== undefined) channel.end(stdin);
  return {
    ended: ended.promise,
    signal: (name) => void stderr.pid.then((pid) => sendSignal(connection, name, pid)),
    abandon: () => {
      // sshd closes the channel only when the program has ended.
      ended.resolve({ code: exit.code, signal: exit.signal });
      channel.destroy();
    },
  };
}

/** Starts programs on the host behind an SSH connection, by one quoted command line each. */
export function sshStart(connection: SshConnection): RemoteStart {
  return async (request, sink, signal) =>
    await connection.exec(commandLine(request), signal, (channel) => attach(connection, channel, request, sink));
}
