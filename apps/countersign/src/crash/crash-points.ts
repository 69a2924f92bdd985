import type { CrashPoint } from '@countersign/engine';
import type { RunnerFaults } from '@countersign/runner';

/** Named places around the programs that connectors run. */
export type ExecPoint = 'exec:before' | 'exec:during' | 'exec:after';
type Point = CrashPoint | Parameters<RunnerFaults['hit']>[0] | ExecPoint;

/** All named places of the product where a test may kill it. */
export interface Points {
  hit(point: Point): void;
}

/** Sends this process a signal the n-th time that it comes by a point; `spec` is written as `point:n`. */
function signalAt(spec: string, signal: 'SIGKILL' | 'SIGSTOP'): (reached: string) => void {
  const split = spec.lastIndexOf(':');
  const point = spec.slice(0, split);
  let left = Number(spec.slice(split + 1));
  return (reached) => {
    if (reached !== point) return;
    left -= 1;
    if (left === 0) process.kill(process.pid, signal);
  };
}

/**
 * Does nothing, unless `COUNTERSIGN_CRASH_AT=point:n` names a place where this process kills itself the n-th time, or
 * `COUNTERSIGN_FREEZE_AT` one where it stands still until somebody wakes it. Tests prove recovery by them; they can only ever stop the process.
 */
export function crashPoints(env: Readonly<Record<string, string | undefined>>): Points {
  const wanted = (name: string): string | null => env[name] || null;
  const [crash, freeze] = [wanted('COUNTERSIGN_CRASH_AT'), wanted('COUNTERSIGN_FREEZE_AT')];
  const crashes = crash === null ? null : signalAt(crash, 'SIGKILL');
  const freezes = freeze === null ? null : signalAt(freeze, 'SIGSTOP');
  if (crashes === null && freezes === null) return { hit: () => undefined };
  return {
    hit(reached) {
      crashes?.(reached);
      freezes?.(reached);
    },
  };
}
