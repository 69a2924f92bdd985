/**
 * Tells its process id on stderr, then becomes the program: a fixed script, which gets what to run as parameters and
 * reads none of it. Neither SSH (as root, or once the input has ended) nor Docker can send a signal to what they started;
 * with the id, a second program can.
 */
export const tellingPid = ['sh', '-c', 'echo "countersign-pid:$$" >&2; exec "$@"', 'sh'] as const;

/** Sends a signal to a process: `[...sendingSignal, NAME, PID]`. */
export const sendingSignal = ['sh', '-c', 'kill -s "$0" "$1"'] as const;

/** The shell of `tellingPid` could not become the program, or `env` could not. */
const notStarted = /^(?:env: |\S*sh: .*exec: )/m;

/** What a login shell's own files print may come before the line; later ones are the program's. */
const latestBytes = 4096;
const marker = /(?:^|\n)countersign-pid:(\d+)\n/;

/** Takes the line of `tellingPid` out of a program's stderr, wherever its chunks were cut. */
export class PidLine {
  /** Settles when the process id is known; never, if it is not told. */
  readonly pid: Promise<string>;
  private readonly tell: (pid: string) => void;
  private readonly pass: (chunk: Uint8Array) => void;
  private held: Buffer | undefined = Buffer.alloc(0);
  private start = '';
  constructor(pass: (chunk: Uint8Array) => void) {
    const { promise, resolve } = Promise.withResolvers<string>();
    this.pid = promise;
    this.tell = resolve;
    this.pass = pass;
  }

  push(chunk: Uint8Array): void {
    if (this.held === undefined) {
      this.give(chunk);
      return;
    }
    this.held = Buffer.concat([this.held, chunk]);
    const text = this.held.toString('latin1');
    const found = marker.exec(text);
    if (found?.[1] !== undefined) {
      this.tell(found[1]);
      const before = this.held.subarray(0, found.index + (text[found.index] === '\n' ? 1 : 0));
      this.release(Buffer.concat([before, this.held.subarray(found.index + found[0].length)]));
    } else if (this.held.length > latestBytes) {
      this.release(this.held);
    }
  }

  /** Gives what is held; call at the end. */
  end(): void {
    if (this.held !== undefined) this.release(this.held);
  }

  /** Whether this exit code, with what was said on stderr, means that the program never began. */
  neverBegan(code: number | null): boolean {
    return (code === 126 || code === 127) && notStarted.test(this.start);
  }

  private release(bytes: Buffer): void {
    this.held = undefined;
    this.give(bytes);
  }

  private give(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    if (this.start.length < latestBytes) this.start += Buffer.from(chunk).toString('latin1');
    this.pass(chunk);
  }
}
