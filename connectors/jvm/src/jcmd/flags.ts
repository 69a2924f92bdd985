/** What of a JVM's flags is said. Others may hold commands and paths. */
export interface Flags {
  /** Short name of its collector: `G1`, `Parallel`, `Serial`, `Z`, `Shenandoah`; `unknown` if no flag says so. */
  readonly collector: string;
  readonly maxHeapBytes: number | null;
  /** Whether the program may ask for collections (not `-XX:+DisableExplicitGC`). jcmd may also where it may not, but for old JVMs. */
  readonly explicitGc: boolean;
}

/** Reads `jcmd PID VM.flags`: those that are not at their defaults, on one line. */
export function readFlags(text: string): Flags {
  const collector = /-XX:\+Use(G1|Parallel|Serial|Z|Shenandoah|Epsilon)GC\b/.exec(text)?.[1] ?? 'unknown';
  const max = /-XX:MaxHeapSize=(\d+)/.exec(text)?.[1];
  return {
    collector,
    maxHeapBytes: max === undefined ? null : Number(max),
    explicitGc: !text.includes('-XX:+DisableExplicitGC'),
  };
}
