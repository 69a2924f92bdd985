import { Writable } from 'node:stream';
import { ConnectorError, type ExecRequest, interruption } from '@countersign/connector-kit';
import type { Exec as PodExec, V1Status } from '@kubernetes/client-node';
import { loadClusterAccess } from '../kubernetes/cluster-access.ts';
import type { PodPlace } from '../place/pod-place.ts';
import type { OutputSink, RemoteProcess, RemoteStart } from './attend.ts';
import { PidLine, sendingSignal, tellingPid } from './pid-line.ts';

/** How long the API server may take to start a program. */
const startMs = 15_000;

/** Goes into a folder, then becomes the program: a fixed script that reads nothing of what it runs. */
const changingFolder = ['sh', '-c', 'cd -- "$0" && exec "$@"'] as const;

/** What the runtime says, on stdout or in the status, when it cannot start a program. */
const notStarted = /^OCI runtime exec failed|executable file not found|no such file or directory/;
const longestStart = 200;

/** How a program in a pod ended, as the API's last message says it. */
interface Ending {
  readonly code: number | null;
  /** Why it never began. */
  readonly neverBegan: string | undefined;
}

function endingOf({ status, message = '', details }: V1Status): Ending {
  if (status === 'Success') return { code: 0, neverBegan: undefined };
  const told = details?.causes?.find(({ reason }) => reason === 'ExitCode')?.message;
  if (told !== undefined && /^\d+$/.test(told)) return { code: Number(told), neverBegan: undefined };
  return { code: null, neverBegan: message };
}

function refused(field: string, why: string): ConnectorError {
  return new ConnectorError('E_VALIDATION', `${field} ${why}`, { effect: 'none', detail: { field } });
}

/** The argument list that starts a program. With a shell it tells its process id first; see `tellingPid`. */
function commandOf({ file, args, env, cwd, stdin }: ExecRequest, shell: boolean): string[] {
  if (stdin !== undefined && stdin.length > 0) {
    throw refused('stdin', 'cannot be given to a program in a pod: the protocol cannot say where it ends');
  }
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const program = [...(variables.length === 0 ? [] : ['env', ...variables]), file, ...args];
  if (!shell) {
    if (cwd !== undefined) throw refused('cwd', 'cannot be chosen in a pod without a shell');
    return program;
  }
  return [...tellingPid, ...(cwd === undefined ? [] : [...changingFolder, cwd]), ...program];
}

function sinkStream(give: (chunk: Uint8Array) => void): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      give(chunk);
      done();
    },
  });
}

/** Statuses with which the API server refuses to open a connection. */
function handshakeError(where: string, cause: unknown): ConnectorError {
  const said = typeof cause === 'object' && cause !== null && 'message' in cause ? String(cause.message) : '';
  const status = Number(/Unexpected server response: (\d{3})/.exec(said)?.[1] ?? 0);
  const detail = status === 0 ? {} : { http_status: status };
  if (status === 404) return new ConnectorError('E_TARGET_MISSING', `no ${where}`, { effect: 'none', detail, cause });
  if (status === 403) {
    const message = `the account may not create pods/exec for ${where}`;
    return new ConnectorError('E_TARGET_REFUSED', message, { effect: 'none', detail, cause });
  }
  const code = status === 0 ? 'E_TARGET_UNREACHABLE' : 'E_TARGET_REFUSED';
  const message = status === 0 ? `${where} cannot be reached` : `the cluster refused to start a program in ${where}`;
  return new ConnectorError(code, message, { effect: 'none', detail, cause });
}

/** One program in a pod, from its start to its end. */
interface Session {
  readonly ended: Promise<Ending>;
  close(): void;
}

async function openSession(
  exec: PodExec,
  { namespace, pod, container = '' }: PodPlace,
  where: string,
  command: string[],
  sink: OutputSink,
  signal: AbortSignal,
): Promise<Session> {
  const { promise: ended, resolve, reject } = Promise.withResolvers<Ending>();
  // The connection may break before somebody awaits it.
  ended.catch(() => undefined);
  const told = (status: V1Status): void => resolve(endingOf(status));
  const [stdout, stderr] = [sinkStream((chunk) => sink.stdout(chunk)), sinkStream((chunk) => sink.stderr(chunk))];
  const opening = exec.exec(namespace, pod, container, command, stdout, stderr, null, false, told);
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(interruption(signal, `starting a program in ${where}`, 'maybe'));
  signal.addEventListener('abort', abort, { once: true });
  try {
    const socket = await Promise.race([opening, aborted.promise]);
    const broke = (): void =>
      reject(new ConnectorError('E_TARGET_UNREACHABLE', `the connection to ${where} broke`, { effect: 'maybe' }));
    // The status is the last message, so whoever hears it first has settled this already.
    socket.onclose = broke;
    socket.onerror = broke;
    return { ended, close: () => socket.close() };
  } catch (cause) {
    opening.then((late) => late.close()).catch(() => undefined);
    throw cause instanceof ConnectorError ? cause : handshakeError(where, cause);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

const quiet: OutputSink = { stdout: () => undefined, stderr: () => undefined };

/**
 * Starts programs in a container of a pod, through the API server's exec: an argument list, never a command line. The program has
 * the container's environment and the request's variables on top; it gets no input. In a container without a shell it is started
 * as it is, and cannot be sent a signal.
 */
export function podStart(place: PodPlace, where: string): RemoteStart {
  let loading: Promise<PodExec> | undefined;
  let shell: boolean | undefined;
  const load = async (): Promise<PodExec> => {
    const { Exec } = await import('@kubernetes/client-node');
    return new Exec(await loadClusterAccess(place));
  };
  const start = async (command: string[], sink: OutputSink, signal: AbortSignal): Promise<Session> => {
    loading ??= load();
    const exec = await loading.catch((cause: unknown) => {
      loading = undefined;
      throw cause;
    });
    return await openSession(exec, place, where, command, sink, signal);
  };
  const hasShell = async (signal: AbortSignal): Promise<boolean> => {
    const { ended } = await start(['sh', '-c', 'exit 0'], quiet, signal);
    return (await ended).code === 0;
  };
  return async (request, sink, signal): Promise<RemoteProcess> => {
    const bound = AbortSignal.any([signal, AbortSignal.timeout(startMs)]);
    if (bound.aborted) throw interruption(bound, `starting ${request.file} in ${where}`, 'none');
    shell ??= await hasShell(bound);
    const stderr = new PidLine((chunk) => sink.stderr(chunk));
    let startOfStdout = '';
    const heard: OutputSink = {
      stdout: (chunk) => {
        if (startOfStdout.length < longestStart) startOfStdout += Buffer.from(chunk).toString('latin1');
        sink.stdout(chunk);
      },
      stderr: (chunk) => stderr.push(chunk),
    };
    const session = await start(commandOf(request, shell), heard, bound);
    const left = Promise.withResolvers<Ending>();
    const watch = async (): Promise<{ code: number | null; signal: string | null }> => {
      const { code, neverBegan } = await Promise.race([session.ended, left.promise]);
      stderr.end();
      const began =
        neverBegan === undefined && !stderr.neverBegan(code) && !((code ?? 0) > 125 && notStarted.test(startOfStdout));
      if (began) return { code, signal: null };
      const message = `cannot start ${request.file} in ${where}: is it installed there and on PATH?`;
      throw new ConnectorError('E_TARGET_UNREACHABLE', message, { effect: 'none' });
    };
    const ended = watch();
    ended.catch(() => undefined);
    const abandon = (): void => {
      left.resolve({ code: null, neverBegan: undefined });
      session.close();
    };
    if (!shell) return { ended, abandon };
    const send = (name: string) => (pid: string) =>
      // A signal that does not get there is followed by the next one, and at last by the connection's end.
      start([...sendingSignal, name, pid], quiet, AbortSignal.timeout(startMs)).catch(() => undefined);
    return { ended, abandon, signal: (name) => void stderr.pid.then(send(name)) };
  };
}
