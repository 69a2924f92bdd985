import type { Duplex } from 'node:stream';
import { ConnectorError, interruption } from '@countersign/connector-kit';
import { Demultiplexer } from '../docker/demultiplexer.ts';
import type { Dialler } from '../docker/dialler.ts';
import { DockerFailure, failureCode, isCertificateRefusal, unreachableDaemon } from '../docker/docker-failure.ts';
import type { OutputSink, RemoteProcess, RemoteStart } from './attend.ts';
import { createExec, exitCode, hasShell, sendSignal, startExec } from './docker-exec-calls.ts';
import { PidLine, tellingPid } from './pid-line.ts';

/** How long the daemon may take to start a program. */
const startMs = 10_000;

/** What the runtime prints on stdout, where the program itself would, when it cannot start it. */
const notStarted = /^OCI runtime exec failed/;
const longestStart = 100;

function explain(
  container: string,
  where: string,
  file: string,
  effect: 'none' | 'maybe',
  cause: unknown,
): ConnectorError {
  if (cause instanceof ConnectorError) return cause;
  if (cause instanceof DockerFailure) {
    const { status, daemonMessage } = cause;
    const detail = { http_status: status, daemon_message: daemonMessage };
    if (status === 404 && /no such container/i.test(daemonMessage)) {
      return new ConnectorError('E_TARGET_MISSING', `no container ${container} at ${where}`, {
        effect: 'none',
        detail,
      });
    }
    return new ConnectorError(
      'E_TARGET_REFUSED',
      `cannot start ${file} in container ${container}: the Docker daemon refused`,
      {
        effect: 'none',
        detail,
        cause,
      },
    );
  }
  if (isCertificateRefusal(failureCode(cause))) return unreachableDaemon(where, cause);
  return new ConnectorError('E_TARGET_UNREACHABLE', `the connection to the Docker daemon at ${where} broke`, {
    effect,
    detail: { code: failureCode(cause) },
    cause,
  });
}

/** Gives frames to the sink until the stream ends. */
async function pump(stream: Duplex, sink: OutputSink): Promise<void> {
  const demultiplexer = new Demultiplexer();
  for await (const chunk of stream) {
    for (const { channel, payload } of demultiplexer.push(chunk)) sink[channel](payload);
  }
  demultiplexer.end();
}

/**
 * Starts programs in a container, over the Engine API: an argument list, never a command line. The program has the
 * container's environment and the request's variables on top. In a container without /bin/sh it is started as it is, and
 * cannot be sent a signal: one that is cancelled or cut is then abandoned, and ends by itself.
 */
export function containerStart(dialler: Dialler, container: string): RemoteStart {
  const { where } = dialler;
  return async (request, sink, signal): Promise<RemoteProcess> => {
    const { file, args, stdin } = request;
    const bound = AbortSignal.any([signal, AbortSignal.timeout(startMs)]);
    const failed =
      (effect: 'none' | 'maybe') =>
      (cause: unknown): never => {
        if (bound.aborted) throw interruption(bound, `starting ${file} in container ${container}`, effect);
        throw explain(container, where, file, effect, cause);
      };
    const shell = await hasShell(dialler, container, bound).catch(failed('none'));
    const command = [...(shell ? tellingPid : []), file, ...args];
    const id = await createExec(dialler, container, command, request, bound).catch(failed('none'));
    const stream = await startExec(dialler, id, bound).catch(failed('maybe'));
    stream.on('error', () => undefined);
    if (stdin !== undefined) stream.end(stdin);
    const stderr = new PidLine((chunk) => sink.stderr(chunk));
    let startOfStdout = '';
    let abandoned = false;
    const heard: OutputSink = {
      stdout: (chunk) => {
        if (startOfStdout.length < longestStart) startOfStdout += Buffer.from(chunk).toString('latin1');
        sink.stdout(chunk);
      },
      stderr: (chunk) => stderr.push(chunk),
    };
    const watch = async (): Promise<{ code: number | null; signal: string | null }> => {
      try {
        await pump(stream, heard);
        stderr.end();
        const code = await exitCode(dialler, id);
        if (!stderr.neverBegan(code) && !(code > 125 && notStarted.test(startOfStdout))) return { code, signal: null };
      } catch (cause) {
        if (abandoned) return { code: null, signal: null };
        throw explain(container, where, file, 'maybe', cause);
      }
      const message = `cannot start ${file} in container ${container}: is it installed there and on PATH?`;
      throw new ConnectorError('E_TARGET_UNREACHABLE', message, { effect: 'none' });
    };
    const ended = watch();
    // The connection may break before somebody awaits it.
    ended.catch(() => undefined);
    const abandon = (): void => {
      abandoned = true;
      stream.destroy();
    };
    if (!shell) return { ended, abandon };
    const send = (name: string) => (pid: string) =>
      // A signal that does not get there is followed by the next one, and at last by the stream's end.
      sendSignal(dialler, container, name, pid).catch(() => undefined);
    return { ended, abandon, signal: (name) => void stderr.pid.then(send(name)) };
  };
}
