import { ConnectorError, type ProgramAnswer, type Programs } from '@countersign/connector-kit';
import { type Counters, readCounters } from './counters.ts';
import { type ListedJvm, readJvms } from './jvm-list.ts';

const mebibyte = 1024 * 1024;
const askMs = 60_000;

const gone =
  /No such process|not found|Unable to open socket file|process id .* does not exist|Connection refused|well-known file .* is not secure/i;
const notAllowed = /Operation not permitted|Permission denied|AccessDenied|AttachNotSupported/i;

/** What jcmd said of why, in one line: the first of its stack trace, which holds class and reason. */
function reason(stderr: string): string {
  return (stderr.split('\n').find((line) => line.trim() !== '') ?? 'it said nothing').trim().slice(0, 300);
}

/** The JVMs of one place, by `jcmd`. A JVM is always named by its number. Throws ConnectorError. */
export class Jcmd {
  private readonly programs: Programs;
  private readonly file: string;
  constructor(programs: Programs, file: string) {
    this.programs = programs;
    this.file = file;
  }

  /** All JVMs that this worker can see, by pid. */
  async list(signal: AbortSignal): Promise<ListedJvm[]> {
    const { code, stdout, stderr } = await this.programs.look({
      what: 'list the JVMs',
      file: this.file,
      args: ['-l'],
      signal,
    });
    if (code !== 0) {
      throw new ConnectorError('E_TARGET_UNREACHABLE', `jcmd lists no JVMs: ${reason(stderr)}`, {
        effect: 'none',
        detail: { next: 'set jcmd in the config of the target to the jcmd of a JDK' },
      });
    }
    return readJvms(stdout).sort((left, right) => left.pid - right.pid);
  }

  /** What a JVM counts of itself; undefined if it is gone. */
  async counters(pid: number, signal: AbortSignal): Promise<Counters | undefined> {
    const args = [String(pid), 'PerfCounter.print'];
    const answer = await this.programs.look({ what: `read the counters of JVM ${pid}`, file: this.file, args, signal });
    return answer.code === 0 ? readCounters(answer.stdout) : undefined;
  }

  /** Has a JVM answer commands that change nothing, in their order, without the line that says whose answer it is. */
  async ask(pid: number, commands: readonly string[], signal: AbortSignal): Promise<string> {
    // jcmd takes one command a line.
    const args = [String(pid), commands.join('\n')];
    const call = {
      what: `ask JVM ${pid} for ${commands[0]}`,
      file: this.file,
      args,
      signal,
      maxBytes: 64 * mebibyte,
      timeoutMs: askMs,
    };
    return answerOf(pid, await this.programs.look(call), 'none');
  }

  /** Has a JVM collect its garbage, and waits until it has. Answers what it says. */
  async collect(pid: number, timeoutMs: number, signal: AbortSignal): Promise<string> {
    const args = [String(pid), 'GC.run'];
    const answer = await this.programs.act({
      what: `collect the garbage of JVM ${pid}`,
      file: this.file,
      args,
      signal,
      timeoutMs,
    });
    return answerOf(pid, answer, 'maybe');
  }
}

function answerOf(pid: number, { code, stdout, stderr }: ProgramAnswer, effect: 'none' | 'maybe'): string {
  if (code === 0) return stdout.replace(/^\d+:\n/, '');
  if (notAllowed.test(stderr)) {
    throw new ConnectorError('E_TARGET_REFUSED', `this worker may not attach to JVM ${pid}: ${reason(stderr)}`, {
      effect: 'none',
      detail: { pid, next: 'run the worker as the user of the JVM, or as root' },
    });
  }
  if (gone.test(stderr)) {
    throw new ConnectorError('E_TARGET_MISSING', `JVM ${pid} is gone: ${reason(stderr)}`, {
      effect: 'none',
      detail: { pid },
    });
  }
  throw new ConnectorError('E_TARGET_REFUSED', `JVM ${pid} gave no answer: ${reason(stderr)}`, {
    effect,
    detail: { pid },
  });
}
