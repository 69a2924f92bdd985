import { ConnectorError, interruption, LineJoiner, type LogLine } from '@countersign/connector-kit';
import type { LogProgram } from '../driver/driver.ts';
import type { Host } from '../host/host.ts';

/** Bytes that a program may print for each byte of the log's own: the journal prints a cursor with every line. */
const overhead = 16;
const mebibyte = 1024 * 1024;

/** Lines as they come, and the end of the program that prints them. */
class LineQueue {
  private lines: LogLine[] = [];
  private ended = false;
  private wake: () => void = () => undefined;

  push(lines: readonly LogLine[]): void {
    this.lines.push(...lines);
    this.wake();
  }

  end(): void {
    this.ended = true;
    this.wake();
  }

  /** All lines that came since; undefined once there will be no more. */
  async next(): Promise<LogLine[] | undefined> {
    while (this.lines.length === 0) {
      if (this.ended) return undefined;
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
    const taken = this.lines;
    this.lines = [];
    return taken;
  }
}

/**
 * Runs a program that prints a log and gives its lines in batches, as they come. Ends when the program does, and ends the
 * program when nobody takes more. After an abort of `signal` it ends without an error; the caller says what that means.
 *
 * @throws ConnectorError E_TARGET_REFUSED where the program could not read the log.
 */
export async function* readLines(
  host: Host,
  program: LogProgram,
  bounds: { signal: AbortSignal; timeoutMs: number; maxBytes: number },
): AsyncGenerator<LogLine[]> {
  const stop = new AbortController();
  const signal = AbortSignal.any([bounds.signal, stop.signal]);
  if (signal.aborted) throw interruption(signal, 'reading the log', 'none');
  const queue = new LineQueue();
  const joiner = new LineJoiner(bounds.maxBytes, true);
  const take = (lines: readonly LogLine[]): void => queue.push(lines.flatMap((line) => program.parse(line.text) ?? []));
  const running = host
    .stream({
      ...program.call,
      signal,
      timeoutMs: bounds.timeoutMs,
      maxBytes: bounds.maxBytes * overhead + mebibyte,
      onStdout: (chunk) => take(joiner.push('stdout', undefined, Buffer.from(chunk))),
    })
    .finally(() => {
      take(joiner.end());
      queue.end();
    });
  running.catch(() => undefined);
  try {
    for (let lines = await queue.next(); lines !== undefined; lines = await queue.next()) yield lines;
    const { code, stdout, stderr, timedOut } = await running;
    if (signal.aborted || timedOut) return;
    const problem = program.problem(code, text(stdout), text(stderr));
    if (problem === undefined) return;
    throw new ConnectorError('E_TARGET_REFUSED', `the log cannot be read: ${problem}`, {
      effect: 'none',
      detail: { next: 'let the worker read the log: run it as root, or in the group that may' },
    });
  } finally {
    stop.abort();
  }
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8');
}
