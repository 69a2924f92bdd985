import { Capture, ConnectorError, type ExecRequest, type ExecResult } from '@countersign/connector-kit';

/** Where a remote program's output goes while it runs. */
export interface OutputSink {
  stdout(chunk: Uint8Array): void;
  stderr(chunk: Uint8Array): void;
}

/** One program that runs elsewhere. */
export interface RemoteProcess {
  /** Settles once the program has ended and its output is all there; rejects with ConnectorError if the connection broke. */
  readonly ended: Promise<{ code: number | null; signal: string | null }>;
  /** Sends the program a signal. Left out where the protocol has none: it is then abandoned at once. */
  signal?(name: 'TERM' | 'KILL'): void;
  /** Closes the connection to it; `ended` settles then. The program may go on until it writes. */
  abandon(): void;
}

/** Starts a program elsewhere. `signal` bounds the start alone. Throws ConnectorError only. */
export type RemoteStart = (request: ExecRequest, sink: OutputSink, signal: AbortSignal) => Promise<RemoteProcess>;

/** How long a program that was asked to end, and then one that was killed, may take. */
const graceMs = 1000;

/** Asks the program to end, kills it a second later, and leaves it alone after another. */
function endInSteps(remote: RemoteProcess, timers: NodeJS.Timeout[]): void {
  if (remote.signal === undefined) {
    remote.abandon();
    return;
  }
  remote.signal('TERM');
  timers.push(setTimeout(() => remote.signal?.('KILL'), graceMs));
  timers.push(setTimeout(() => remote.abandon(), 2 * graceMs));
}

/**
 * Runs a program elsewhere within the request's bounds of time and output, as `localExec` does here. `timeoutMs` counts
 * from the call: connecting is part of it.
 *
 * @throws ConnectorError of the start; E_TARGET_UNREACHABLE (effect maybe) if the connection breaks while it runs.
 */
export async function attend(request: ExecRequest, start: RemoteStart): Promise<ExecResult> {
  if (request.signal?.aborted === true) {
    throw new ConnectorError('E_CANCELLED', `${request.file} was not started: the work was cancelled`, {
      effect: 'none',
    });
  }
  const deadline = AbortSignal.timeout(request.timeoutMs);
  const bound = request.signal === undefined ? deadline : AbortSignal.any([request.signal, deadline]);
  const [stdout, stderr] = [new Capture(request.maxBytes), new Capture(request.maxBytes)];
  const overflow = new AbortController();
  const remote = await start(
    request,
    {
      stdout: (chunk) => {
        stdout.add(chunk);
        request.onStdout?.(chunk);
        if (stdout.truncated) overflow.abort();
      },
      stderr: (chunk) => stderr.add(chunk),
    },
    bound,
  );
  const timers: NodeJS.Timeout[] = [];
  const stop = AbortSignal.any([bound, overflow.signal]);
  let timedOut = false;
  const end = (): void => {
    timedOut = deadline.aborted && request.signal?.aborted !== true;
    endInSteps(remote, timers);
  };
  if (stop.aborted) end();
  else stop.addEventListener('abort', end, { once: true });
  try {
    const { code, signal } = await remote.ended;
    const truncated = stdout.truncated || stderr.truncated;
    return { code, signal, stdout: stdout.bytes(), stderr: stderr.bytes(), timedOut, truncated };
  } finally {
    stop.removeEventListener('abort', end);
    for (const timer of timers) clearTimeout(timer);
  }
}
