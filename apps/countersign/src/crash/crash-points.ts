import type { CrashPoint } from '@countersign/engine';
import type { RunnerFaults } from '@countersign/runner';

/** Named places around the programs that connectors run. */
export type ExecPoint = 'exec:before' | 'exec:during' | 'exec:after';
type Point = CrashPoint | Parameters<RunnerFaults['hit']>[0] | ExecPoint;

/** All named places of the product where a test may kill it. */
export interface Points {
  hit(point: Point): void;
}

/** Does nothing, unless `COUNTERSIGN_CRASH_AT=point:n` names a place where this process kills itself the n-th time. Tests prove recovery by it; it can only ever stop the process. */
export function crashPoints(env: Readonly<Record<string, string | undefined>>): Points {
  const wanted = env['COUNTERSIGN_CRASH_AT'];
  if (wanted === undefined || wanted === '') return { hit: () => undefined };
  const split = wanted.lastIndexOf(':');
  const point = wanted.slice(0, split);
  let left = Number(wanted.slice(split + 1));
  return {
    hit(reached: string) {
      if (reached !== point) return;
      left -= 1;
      if (left <= 0) process.kill(process.pid, 'SIGKILL');
    },
  };
}
