import type { Exec, ExecResult } from './exec.ts';
import { type ProgramAnswer, type ProgramCall, programEnvironment, runProgram } from './run-program.ts';

const mebibyte = 1024 * 1024;
/** How long a program that only looks may take, where nothing else is said. */
const lookMs = 20_000;

type Look = Pick<ProgramCall, 'what' | 'file' | 'args' | 'signal'> &
  Partial<Pick<ProgramCall, 'maxBytes' | 'timeoutMs'>>;
type Act = Pick<ProgramCall, 'what' | 'file' | 'args' | 'signal' | 'timeoutMs'>;
type Stream = Pick<ProgramCall, 'file' | 'args' | 'signal' | 'maxBytes' | 'timeoutMs'> & {
  readonly onStdout: (chunk: Uint8Array) => void;
};

/** The programs of one connection, wherever they run. Errors as `runProgram`'s. */
export class Programs {
  private readonly exec: Exec;
  private readonly closeExec: () => Promise<void>;
  private readonly ended = new AbortController();
  constructor(exec: Exec, closeExec: () => Promise<void> = async () => undefined) {
    this.exec = exec;
    this.closeExec = closeExec;
  }

  /** Ends what only looks; what changes something is left to its end. */
  async close(): Promise<void> {
    this.ended.abort();
    await this.closeExec();
  }

  /** Runs a program that changes nothing. */
  look({ maxBytes = 4 * mebibyte, timeoutMs = lookMs, ...call }: Look): Promise<ProgramAnswer> {
    return runProgram(this.exec, { ...call, maxBytes, timeoutMs, effect: 'none', closed: this.ended.signal });
  }

  /** Runs a program that changes something: once started it is never killed on cancel. */
  act(call: Act): Promise<ProgramAnswer> {
    return runProgram(this.exec, { ...call, maxBytes: mebibyte, effect: 'maybe', closed: this.ended.signal });
  }

  /** Runs a program whose output is read while it comes, until `signal` is aborted. */
  stream(call: Stream): Promise<ExecResult> {
    const signal = AbortSignal.any([call.signal, this.ended.signal]);
    return this.exec.run({ ...call, signal, cwd: '/', env: programEnvironment });
  }
}
