/** One thread of a dump. */
export interface Thread {
  readonly name: string;
  readonly daemon: boolean;
  /** `RUNNABLE`, `BLOCKED`, `WAITING`, `TIMED_WAITING`, …; null for a thread of the JVM itself. */
  readonly state: string | null;
  /** Frames, innermost first, without `at`. */
  readonly frames: readonly string[];
}

/** One thread of a deadlock. */
export interface DeadlockedThread {
  readonly name: string;
  /** Class of what it waits for. */
  readonly waitsFor: string;
  readonly heldBy: string;
}

/** What `Thread.print` says. */
export interface ThreadDump {
  readonly threads: readonly Thread[];
  readonly deadlocks: readonly (readonly DeadlockedThread[])[];
}

/** The name may hold anything, quotes too; what follows it is the JVM's. */
const head = /^"(.*)" (?:#\d+ )?(?:\[\d+\] )?(daemon )?(?:prio=\d+ )?os_prio=/;
const state = /^\s+java\.lang\.Thread\.State: ([A-Z_]+)/;
const frame = /^\tat (.*)$/;
const deadlockHead = 'Found one Java-level deadlock:';
const stacksHead = 'Java stack information for the threads listed above';

function threadsOf(lines: readonly string[]): Thread[] {
  const threads: { name: string; daemon: boolean; state: string | null; frames: string[] }[] = [];
  for (const line of lines) {
    const begun = head.exec(line);
    const current = threads.at(-1);
    if (begun !== null) threads.push({ name: begun[1] ?? '', daemon: begun[2] !== undefined, state: null, frames: [] });
    else if (current !== undefined) {
      current.state ??= state.exec(line)?.[1] ?? null;
      const at = frame.exec(line)?.[1];
      if (at !== undefined) current.frames.push(at);
    }
  }
  return threads;
}

function deadlockOf(lines: readonly string[]): DeadlockedThread[] {
  const text = lines.join('\n');
  const entry =
    /^"(.*)":\n\s+waiting (?:to lock monitor|for ownable synchronizer) [^\n]*?(?:, |\()an? ([^\s),]+)\)?,\n\s+(?:which is held by "(.*)"|[^\n]*)$/gm;
  return [...text.matchAll(entry)].map(([, name = '', waitsFor = '', heldBy = '']) => ({ name, waitsFor, heldBy }));
}

/** Reads a dump. A dump that was cut is read as far as it goes. */
export function readThreadDump(text: string): ThreadDump {
  const lines = text.split('\n').map((line) => line.replace(/\r$/, ''));
  const first = lines.indexOf(deadlockHead);
  const deadlocks: DeadlockedThread[][] = [];
  for (let at = first; at >= 0; at = lines.indexOf(deadlockHead, at + 1)) {
    const end = lines.findIndex((line, index) => index > at && line.startsWith(stacksHead));
    deadlocks.push(deadlockOf(lines.slice(at, end < 0 ? lines.length : end)));
  }
  return { threads: threadsOf(first < 0 ? lines : lines.slice(0, first)), deadlocks };
}
