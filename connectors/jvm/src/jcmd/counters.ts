/** What a JVM counts of itself, as `jcmd PID PerfCounter.print` tells it; it is read from memory, and stops nothing. */
export interface Counters {
  /** When the JVM began, in milliseconds since the epoch: with the pid it tells one JVM from all others. */
  readonly beganAt: number;
  readonly threads: { readonly live: number; readonly daemon: number; readonly peak: number };
  readonly loadedClasses: number;
  readonly collectors: readonly Collector[];
  /** Collections of the whole heap, or of its old part; a concurrent one may count several pauses. */
  readonly majorCollections: number;
  /** Why the last collection was made: `Diagnostic Command` for one that jcmd asked for. */
  readonly lastCause: string;
}

/** One collector of a JVM. */
export interface Collector {
  readonly name: string;
  readonly collections: number;
  readonly totalMs: number;
}

/** The cause that the JVM notes for a collection by `jcmd PID GC.run`. */
export const askedCause = 'Diagnostic Command';

function values(text: string): Map<string, string> {
  return new Map(
    text.split('\n').flatMap((line): [string, string][] => {
      const [, name, value] = /^([A-Za-z][\w.]*)="?(.*?)"?$/.exec(line) ?? [];
      return name === undefined || value === undefined ? [] : [[name, value]];
    }),
  );
}

/** Reads the counters; undefined if the text is none of a JVM. */
export function readCounters(text: string): Counters | undefined {
  const all = values(text);
  const number = (name: string): number => Number(all.get(name) ?? 0);
  const beganAt = number('sun.rt.createVmBeginTime');
  if (!(beganAt > 0)) return undefined;
  const ticksPerMs = Math.max(1, number('sun.os.hrt.frequency')) / 1000;
  // 0 is the young generation of every collector; the others see all of the heap, or its old part.
  const indexed = [0, 1, 2, 3].filter((index) => all.has(`sun.gc.collector.${index}.invocations`));
  const counted = (index: number): number => number(`sun.gc.collector.${index}.invocations`);
  return {
    beganAt,
    threads: {
      live: number('java.threads.live'),
      daemon: number('java.threads.daemon'),
      peak: number('java.threads.livePeak'),
    },
    loadedClasses: number('java.cls.loadedClasses') + number('java.cls.sharedLoadedClasses'),
    collectors: indexed.map((index) => ({
      name: all.get(`sun.gc.collector.${index}.name`) ?? `collector ${index}`,
      collections: counted(index),
      totalMs: Math.round(number(`sun.gc.collector.${index}.time`) / ticksPerMs),
    })),
    majorCollections: indexed.filter((index) => index > 0).reduce((sum, index) => sum + counted(index), 0),
    lastCause: all.get('sun.gc.lastCause') ?? '',
  };
}
