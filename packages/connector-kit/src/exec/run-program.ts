import { boundedCall } from '../connector/bounded-call.ts';
import { ConnectorError } from '../connector/connector-error.ts';
import type { Exec } from './exec.ts';

/** One program to be run to its end. Times in milliseconds, sizes in bytes. */
export interface ProgramCall {
  /** For the text of its errors: `read the state of nginx.service`. */
  readonly what: string;
  readonly file: string;
  /** Typed arguments; put `--` before values. */
  readonly args: readonly string[];
  /**
   * What the program may leave behind. One that changes something (`maybe`) is never killed on cancel, so that its change is
   * not cut in halves: the call stops waiting for it.
   */
  readonly effect: 'none' | 'maybe';
  /** The work's signal. */
  readonly signal: AbortSignal;
  /** The connection's end. */
  readonly closed: AbortSignal;
  readonly timeoutMs: number;
  readonly maxBytes: number;
}

/** How a program ended and what it said. */
export interface ProgramAnswer {
  /** Exit code; null if a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Enough to find programs, and output that does not depend on somebody's language or time zone. */
export const programEnvironment: Readonly<Record<string, string>> = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LC_ALL: 'C',
  TZ: 'UTC',
};
/** What a place may take beyond the time limit of the program itself. */
const settleMs = 5_000;

/**
 * Runs a program to its end, whatever its exit code, in the C locale and UTC.
 *
 * @throws ConnectorError: E_CANCELLED or E_TIMEOUT for an aborted signal, E_TIMEOUT past `timeoutMs`, E_TARGET_REFUSED for more
 * output than `maxBytes`, and what the place throws (E_TARGET_UNREACHABLE where the program cannot be started).
 */
export async function runProgram(exec: Exec, call: ProgramCall): Promise<ProgramAnswer> {
  const { what, file, args, effect, signal, closed, timeoutMs, maxBytes } = call;
  const late = () =>
    new ConnectorError('E_TIMEOUT', `${file} took more than ${timeoutMs} ms to ${what}`, { effect, detail: { file } });
  const failed = (cause: unknown): ConnectorError =>
    cause instanceof ConnectorError
      ? cause
      : new ConnectorError('E_INTERNAL', `${file} could not be run to ${what}`, { effect, cause });
  return await boundedCall(
    { what, effect, signal, closed, deadlineMs: timeoutMs + settleMs, late, failed },
    async (abortSignal) => {
      const stop = effect === 'none' ? { signal: abortSignal } : {};
      const result = await exec.run({ file, args, cwd: '/', env: programEnvironment, timeoutMs, maxBytes, ...stop });
      if (result.timedOut) throw late();
      if (result.truncated) {
        throw new ConnectorError('E_TARGET_REFUSED', `${file} said more than ${maxBytes} bytes to ${what}`, { effect });
      }
      const [stdout, stderr] = [result.stdout, result.stderr].map((bytes) => Buffer.from(bytes).toString('utf8'));
      return { code: result.code, stdout: stdout ?? '', stderr: stderr ?? '' };
    },
  );
}
